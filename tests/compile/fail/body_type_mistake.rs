//! A mistake in a body is shown in the body, once.

use tta_runtime::primitive;

#[primitive(type = "tool")]
async fn later() -> u8 {
    "five"
}

#[primitive(type = "tool")]
fn now() -> Result<u8, Refused> {
    let number: u8 = "5".parse()?;
    number
}

struct Refused;

fn main() {
    drop(later());
    drop(now());
}
