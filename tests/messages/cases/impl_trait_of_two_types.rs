//! Two types are returned for one `impl Trait`.

#[annotated]
fn text(empty: bool) -> impl std::fmt::Display {
    if empty {
        return 1;
    }
    "text"
}
