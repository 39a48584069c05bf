//! A field does not exist.

struct Point {
    x: u32,
}

#[annotated]
fn double(point: Point) -> u32 {
    point.y
}
