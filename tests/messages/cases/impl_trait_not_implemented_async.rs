//! A value returned from an async function does not implement the trait.

struct Text;

#[annotated]
async fn text() -> impl std::fmt::Display {
    Text
}
