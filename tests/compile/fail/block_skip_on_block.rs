//! `skip` on an `impl` block.

use tta_runtime::primitive;

struct Client;

#[primitive(skip)]
impl Client {
    fn first(&self) {}

    fn second(&self) {}
}

fn main() {
    Client.first();
    Client.second();
}
