//! A field is moved out of `&self`.

struct Client(String);

impl Client {
    #[annotated]
    fn name(&self) -> String {
        self.0
    }
}
