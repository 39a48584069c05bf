//! A reference to an argument is returned for one to `self`.

struct Client(String);

impl Client {
    #[annotated]
    fn name(&self, other: &str) -> &str {
        other
    }
}
