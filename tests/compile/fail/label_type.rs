//! A type as a label that is not a closed set.

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
