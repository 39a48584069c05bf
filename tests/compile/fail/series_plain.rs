//! Too many series through labels whose types the signature shows.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(left = left, right = right))]
fn called(left: (bool, bool, bool, bool), right: (bool, bool, bool, bool)) -> bool {
    left == right
}

fn main() {
    called((true, true, true, true), (true, true, true, true));
}
