//! `error_type` for an output that is not a `Result`.

use tta_runtime::primitive;

#[primitive(type = "tool", error_type = |_| true)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
