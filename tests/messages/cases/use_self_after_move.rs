//! `self` is used after it was moved.

struct Client(String);

impl Client {
    #[annotated]
    fn close(self) -> usize {
        drop(self);
        self.0.len()
    }
}
