//! A returned value does not implement the trait.

struct Text;

#[annotated]
fn text() -> impl std::fmt::Display {
    Text
}
