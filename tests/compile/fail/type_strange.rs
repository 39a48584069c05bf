//! A type that is like no known one.

use tta_runtime::primitive;

#[primitive(type = "database")]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
