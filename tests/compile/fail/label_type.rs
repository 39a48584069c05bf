//! A type that is no closed set as a label.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(audience = audience))]
fn called(audience: Audience) -> bool {
    matches!(audience, Audience::Public)
}

enum Audience {
    Public,
}

fn main() {
    called(Audience::Public);
}
