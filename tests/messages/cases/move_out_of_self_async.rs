//! A field is moved out of `&self` in an async method.

struct Client(String);

impl Client {
    #[annotated]
    async fn name(&self) -> String {
        self.0
    }
}
