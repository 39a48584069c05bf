//! A reference of another lifetime is returned from an async function.

#[annotated]
async fn choose<'a, 'b>(left: &'a str, right: &'b str) -> &'a str {
    right
}
