//! Provided methods of a trait, their implementations, and native async methods.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

trait Search {
    fn name(&self) -> &str;

    #[primitive(type = "retrieval", action = "search")]
    fn twice(&self) -> String {
        format!("{0}{0}", self.name())
    }

    fn find(&self, text: &str) -> impl std::future::Future<Output = usize> + Send;
}

struct Index(String);

impl Search for Index {
    #[primitive(type = "tool")]
    fn name(&self) -> &str {
        &self.0
    }

    #[primitive(type = "retrieval", action = "search")]
    async fn find(&self, text: &str) -> usize {
        std::future::ready(()).await;
        self.0.len() + text.len()
    }
}

pub(crate) fn main() {
    let index = Index("a".to_owned());
    assert_eq!(index.twice(), "aa");
    drop(index.find("b"));
}
