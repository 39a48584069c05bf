//! `timeout_if` for an output that is not a `Result`.

use tta_runtime::primitive;

#[primitive(type = "tool", timeout_if = |_| true)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
