//! Unused parameters with a leading underscore trigger no lint.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

struct Guard;

#[primitive(type = "tool")]
fn guarded(_guard: Guard, _: Guard, _text: &str, _count: u32) -> u8 {
    5
}

#[primitive(type = "tool")]
async fn guarded_later(_guard: Guard, _: Guard, _text: &str, mut _count: u32) -> u8 {
    std::future::ready(5).await
}

pub(crate) fn main() {
    assert_eq!(guarded(Guard, Guard, "", 1), 5);
    drop(guarded_later(Guard, Guard, "", 1));
}
