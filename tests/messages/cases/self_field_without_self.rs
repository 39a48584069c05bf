//! A field is named without `self`.

struct Point {
    x: u32,
}

impl Point {
    #[annotated]
    fn double(&self) -> u32 {
        x * 2
    }
}
