//! A `const fn` of an annotated block has its own attribute.

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
