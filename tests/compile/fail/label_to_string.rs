//! `.to_string()` as a label.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(subject = count.to_string()))]
fn called(count: u64) -> u64 {
    count
}

fn main() {
    called(5);
}
