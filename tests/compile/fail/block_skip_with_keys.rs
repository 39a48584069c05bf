//! `skip` together with another key.

use tta_runtime::primitive;

struct Client;

#[primitive(type = "tool")]
impl Client {
    #[primitive(skip, name = "a")]
    fn first(&self) {}

    #[primitive(skip)]
    fn second(&self) {}
}

fn main() {
    Client.first();
    Client.second();
}
