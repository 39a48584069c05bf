//! A value is moved out of a reference.

#[annotated]
fn own(text: &String) -> String {
    *text
}
