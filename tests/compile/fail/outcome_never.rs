//! `outcome` on a function that never returns.

use tta_runtime::primitive;

#[primitive(type = "tool", outcome = |_| tta_runtime::Outcome::Success)]
fn called() -> ! {
    loop {}
}

fn main() {
    called();
}
