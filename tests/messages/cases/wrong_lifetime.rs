//! A reference of another lifetime is returned.

#[annotated]
fn choose<'a, 'b>(left: &'a str, right: &'b str) -> &'a str {
    right
}
