//! A function that is not `async`.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = "tool")]
fn add(left: u32, right: u32) -> u32 {
    left + right
}

#[primitive(type = "tool")]
fn nothing() {}

#[primitive(type = "tool")]
fn early(text: &str) -> Result<u8, std::num::ParseIntError> {
    if text.is_empty() {
        return Ok(0);
    }
    let number: u8 = text.parse()?;
    Ok(number)
}

pub(crate) fn main() {
    nothing();
    assert_eq!(add(1, 2), 3);
    assert_eq!(early("5"), Ok(5));
}
