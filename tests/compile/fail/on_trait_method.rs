//! The attribute on a trait method without a body.

use tta_runtime::primitive;

trait Called {
    #[primitive(type = "tool")]
    fn call(&self);
}

impl Called for u8 {
    fn call(&self) {}
}

fn main() {
    5_u8.call();
}
