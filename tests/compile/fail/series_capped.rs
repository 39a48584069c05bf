//! Too many series through two capped labels.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(left = capped(left), right = capped(right)))]
fn called(left: &str, right: &str) -> bool {
    left == right
}

fn main() {
    called("a", "b");
}
