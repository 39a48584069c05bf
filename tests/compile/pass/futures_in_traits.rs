//! An `async fn` that implements a trait method returning a future, with every lifetime that it borrows.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use tta_runtime::primitive;

pub(crate) trait Search {
    fn find(&self, text: &str) -> impl Future<Output = usize> + Send;
    fn rank<'a>(&'a self, text: &'a str) -> impl Future<Output = Cow<'a, str>>;
}

pub(crate) struct Index(String);

impl Search for Index {
    #[primitive(type = "retrieval", action = "search")]
    async fn find(&self, text: &str) -> usize {
        std::future::ready(()).await;
        self.0.len() + text.len()
    }

    #[primitive(type = "retrieval", action = "rerank", labels(word = capped(text)))]
    async fn rank<'a>(&'a self, text: &'a str) -> Cow<'a, str> {
        std::future::ready(()).await;
        if text.is_empty() { Cow::Borrowed(&self.0) } else { Cow::Borrowed(text) }
    }
}

/// # Errors
///
/// Never.
#[primitive(type = "tool")]
pub(crate) async fn borrows(left: &str, right: &mut String) -> Result<usize, String> {
    std::future::ready(()).await;
    right.push_str(left);
    Ok(right.len())
}

#[primitive(type = "tool")]
#[must_use]
async fn must_be_used(text: impl AsRef<str>) -> usize {
    text.as_ref().len()
}

#[primitive(type = "tool", attributes("depth" = depth))]
async fn recursive(depth: u32) -> u32 {
    if depth == 0 {
        return 0;
    }
    let below: Pin<Box<dyn Future<Output = u32>>> = Box::pin(recursive(depth - 1));
    below.await + 1
}

fn is_send<T: Send>(_: &T) {}

pub(crate) fn main() {
    let index = Index("a".to_owned());
    let found = index.find("b");
    is_send(&found);
    drop(found);
    let ranked = {
        let text = String::from("c");
        futures_executor::block_on(index.rank(&text)).into_owned()
    };
    assert_eq!(ranked, "c");
    let mut right = String::new();
    let borrowed = borrows("a", &mut right);
    is_send(&borrowed);
    drop(borrowed);
    drop(must_be_used("a"));
    drop(recursive(2));
}
