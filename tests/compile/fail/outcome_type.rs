//! `outcome` with a closure that returns no outcome.

use tta_runtime::primitive;

#[primitive(type = "tool", outcome = |count| *count > 3)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
