//! `capped` around an integer.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(count = capped(count)))]
fn called(count: u64) -> u64 {
    count
}

fn main() {
    called(5);
}
