//! A private field of another module is read.

mod client {
    pub struct Client {
        name: String,
    }
}

#[annotated]
fn name(client: &client::Client) -> &str {
    &client.name
}
