//! `outcome` with keys that it makes useless.

use tta_runtime::primitive;

#[primitive(type = "tool", ok_if = |_| true, timeout_if = |_| true, outcome = |_| tta_runtime::Outcome::Success)]
fn called() -> Result<u8, u8> {
    Ok(5)
}

fn main() {
    let _ = called();
}
