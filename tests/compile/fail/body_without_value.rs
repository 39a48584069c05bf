//! A body that gives nothing where its function promises something.

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
