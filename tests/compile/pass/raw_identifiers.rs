//! Raw identifiers as names of functions, parameters and labels.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(r#type = "tool", labels(r#type = r#match))]
fn r#loop(r#match: bool, r#fn: String) -> usize {
    r#fn.len() + usize::from(r#match)
}

pub(crate) fn main() {
    assert_eq!(r#loop(true, String::new()), 1);
}
