//! `request` on a type that calls no model.

use tta_runtime::primitive;

#[primitive(type = "tool", request = body)]
fn called(body: &str) -> usize {
    body.len()
}

fn main() {
    called("");
}
