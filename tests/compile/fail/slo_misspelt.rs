//! A misspelt and an unknown objective.

use tta_runtime::primitive;

#[primitive(type = "tool", slo(avialability = 99, speed = 5))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
