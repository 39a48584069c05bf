//! A `const fn` of a block with an attribute of its own.

use tta_runtime::primitive;

struct Client;

#[primitive(type = "tool")]
impl Client {
    #[primitive(name = "a")]
    const fn first(&self) {}

    const fn second(&self) {}
}

fn main() {
    Client.first();
    Client.second();
}
