//! The attribute on a trait.

use tta_runtime::primitive;

#[primitive(type = "tool")]
trait Called {
    fn call(&self) {}
}

impl Called for u8 {}

fn main() {
    5_u8.call();
}
