//! Settings of a guard that are wrong, unknown or given twice.

use tta_runtime::primitive;

#[primitive(type = "tool", loop_guard(repeats = 0, period = 17, repeat = 3, repeats = 2, cost_usd = "1"))]
fn called() -> Result<u8, String> {
    Ok(5)
}

fn main() {
    let _ = called();
}
