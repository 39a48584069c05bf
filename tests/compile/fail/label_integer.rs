//! An integer as a label.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(count = count))]
fn called(count: u64) -> u64 {
    count
}

fn main() {
    called(5);
}
