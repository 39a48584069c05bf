//! An error of a block is reported once, not for each method.

use tta_runtime::primitive;

struct Client;

#[primitive(type = "tol", lables(a = "b"))]
impl Client {
    fn first(&self) {}

    fn second(&self) {}
}

fn main() {
    Client.first();
    Client.second();
}
