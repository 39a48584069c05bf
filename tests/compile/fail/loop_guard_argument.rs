//! An argument that has no hash.

use tta_runtime::primitive;

struct Client;

#[primitive(type = "tool", loop_guard)]
async fn called(client: &Client, city: &str) -> Result<usize, String> {
    let _ = client;
    Ok(city.len())
}

fn main() {
    let _ = called(&Client, "Bergen");
}
