//! `skip` on the block itself.

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
