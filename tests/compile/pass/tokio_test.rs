//! `#[tokio::test]` and `#[tokio::main]` above and below.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[tokio::main(flavor = "current_thread")]
#[primitive(type = "workflow")]
async fn above() -> u8 {
    std::future::ready(5).await
}

#[primitive(type = "workflow")]
#[tokio::main(flavor = "current_thread")]
async fn below() -> u8 {
    std::future::ready(5).await
}

pub(crate) fn main() {
    assert_eq!(above(), 5);
    assert_eq!(below(), 5);
}

#[tokio::test]
#[primitive(type = "workflow")]
async fn tested() -> Result<(), String> {
    Ok(())
}
