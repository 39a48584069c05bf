//! A field is changed through `&self`.

struct Counter(u32);

impl Counter {
    #[annotated]
    fn increment(&self) {
        self.0 += 1;
    }
}
