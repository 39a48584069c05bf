//! An error in one method's attribute leaves the whole block as it was.

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
