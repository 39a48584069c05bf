//! A macro does not exist.

#[annotated]
fn log(text: &str) {
    printn!("{text}");
}
