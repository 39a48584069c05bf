//! A type error in the body is reported once, in the body.

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
