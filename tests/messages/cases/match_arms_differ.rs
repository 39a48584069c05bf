//! The arms of a `match` have different types.

#[annotated]
async fn sign(number: i32) -> i32 {
    match number {
        0 => 0,
        _ => "other",
    }
}
