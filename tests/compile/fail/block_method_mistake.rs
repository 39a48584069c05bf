//! A mistake of one method.

use tta_runtime::primitive;

struct Client;

#[primitive(type = "tool")]
impl Client {
    #[primitive(name = 5, colour = "red")]
    fn first(&self) {}

    fn second(&self) {}
}

fn main() {
    Client.first();
    Client.second();
}
