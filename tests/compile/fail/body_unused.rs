//! Unused names of an annotated function are reported as in a bare one.

#![deny(unused)]

use tta_runtime::primitive;

#[primitive(type = "tool")]
fn now(first: Vec<u8>, mut second: Box<u8>, third: Box<u8>) -> u8 {
    let fourth = 4;
    *second
}

#[primitive(type = "tool")]
async fn never_called() {}

fn main() {
    now(vec![], Box::new(1), Box::new(2));
}
