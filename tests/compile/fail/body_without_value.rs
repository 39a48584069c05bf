//! A body without a value, where the signature has a return type.

use tta_runtime::primitive;

#[primitive(type = "tool")]
async fn later() -> u8 {
    5;
}

#[primitive(type = "tool")]
fn now() -> Result<u8, String> {
    println!("nothing");
}

#[primitive(type = "tool")]
fn bare() -> u8 {}

fn main() {
    drop(later());
    drop(now());
    bare();
}
