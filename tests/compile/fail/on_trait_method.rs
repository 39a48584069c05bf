//! A method of a trait that has no body.

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
