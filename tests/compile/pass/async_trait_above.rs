//! `#[async_trait]` runs first, and leaves functions that return boxed futures.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use async_trait::async_trait;
use tta_runtime::primitive;

#[async_trait]
trait Search {
    async fn find(&self, text: &str, (left, _): (usize, usize)) -> Result<usize, String>;

    #[primitive(type = "retrieval", action = "rerank")]
    async fn rank(&mut self) -> usize
    where
        Self: Sized,
    {
        3
    }
}

struct Index(String);

#[async_trait]
impl Search for Index {
    #[primitive(type = "retrieval", action = "search", attributes("text.length" = text.len()))]
    async fn find(&self, text: &str, (left, _): (usize, usize)) -> Result<usize, String> {
        if text.is_empty() {
            return Err("empty".to_owned());
        }
        Ok(self.0.len() + text.len() + left)
    }
}

pub(crate) fn main() {
    let mut index = Index("a".to_owned());
    drop(index.find("b", (1, 2)));
    drop(index.rank());
}
