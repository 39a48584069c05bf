//! A field is changed through `&self` in an async method.

struct Counter(u32);

impl Counter {
    #[annotated]
    async fn increment(&self) {
        self.0 += 1;
    }
}
