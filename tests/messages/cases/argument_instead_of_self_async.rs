//! A reference to an argument is returned for one to `self` from an async method.

struct Client(String);

impl Client {
    #[annotated]
    async fn name(&self, other: &str) -> &str {
        other
    }
}
