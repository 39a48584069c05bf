//! The attribute on a module.

use tta_runtime::primitive;

#[primitive(type = "tool")]
mod called {
    pub fn call() {}
}

fn main() {
    called::call();
}
