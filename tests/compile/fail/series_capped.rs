//! Too many series, by two labels of capped text.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(left = capped(left), right = capped(right)))]
fn called(left: &str, right: &str) -> bool {
    left == right
}

fn main() {
    called("a", "b");
}
