//! A value is moved in each round of a loop.

#[annotated]
fn send(text: String) {
    for _ in 0..2 {
        drop(text);
    }
}
