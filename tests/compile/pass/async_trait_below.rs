//! The attribute runs before `#[async_trait]`, on the whole block.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use async_trait::async_trait;
use tta_runtime::primitive;

#[async_trait]
trait Search {
    async fn find(&self, text: &str, pair: (usize, usize)) -> Result<usize, String>;
    async fn close(self: Box<Self>);
    fn name(&self) -> &str;
}

struct Index(String);

#[primitive(type = "retrieval", action = "search")]
#[async_trait]
impl Search for Index {
    async fn find(&self, text: &str, (left, _): (usize, usize)) -> Result<usize, String> {
        if text.is_empty() {
            return Err("empty".to_owned());
        }
        std::future::ready(()).await;
        Ok(self.0.len() + text.len() + left)
    }

    async fn close(self: Box<Self>) {
        std::future::ready(()).await;
    }

    fn name(&self) -> &str {
        &self.0
    }
}

struct Other;

#[async_trait]
#[primitive(type = "retrieval", action = "search")]
impl Search for Other {
    async fn find(&self, text: &str, (left, right): (usize, usize)) -> Result<usize, String> {
        Ok(text.len() + left + right)
    }

    async fn close(self: Box<Self>) {}

    fn name(&self) -> &'static str {
        "other"
    }
}

pub(crate) fn main() {
    let index = Index("a".to_owned());
    drop(index.find("b", (1, 2)));
    assert_eq!(index.name(), "a");
    drop(Box::new(index).close());
    drop(Other.find("b", (1, 2)));
    assert_eq!(Other.name(), "other");
    drop(Box::new(Other).close());
}
