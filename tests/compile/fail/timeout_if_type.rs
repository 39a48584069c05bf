//! `timeout_if` with a closure that returns no `bool`.

use tta_runtime::primitive;

#[primitive(type = "tool", timeout_if = |error| error + 1)]
fn called() -> Result<u8, u8> {
    Ok(5)
}

fn main() {
    let _ = called();
}
