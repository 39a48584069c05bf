//! `name` on an `impl` block.

use tta_runtime::primitive;

struct Client;

#[primitive(type = "tool", name = "client")]
impl Client {
    fn first(&self) {}

    fn second(&self) {}
}

fn main() {
    Client.first();
    Client.second();
}
