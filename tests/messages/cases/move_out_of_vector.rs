//! A value is moved out of a vector.

#[annotated]
async fn first(texts: Vec<String>) -> String {
    texts[0]
}
