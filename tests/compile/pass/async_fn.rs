//! An `async fn` with `?`, `return` and an error conversion.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = "agent", action = "plan")]
async fn plan(text: &str) -> Result<u32, Box<dyn std::error::Error>> {
    if text.is_empty() {
        return Err(Box::new(std::fmt::Error));
    }
    std::future::ready(()).await;
    let count = text.parse::<u32>()?;
    Ok(count)
}

pub(crate) fn main() {
    drop(plan("7"));
}
