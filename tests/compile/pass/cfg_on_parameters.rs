//! `#[cfg]` and lint levels on parameters.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

struct Guard;

#[primitive(type = "tool")]
fn chosen(
    #[cfg(any())] guard: Missing,
    #[cfg(not(any()))] guard: Guard,
    #[allow(unused_variables)] other: Guard,
) -> u8 {
    let _ = guard;
    5
}

#[primitive(type = "tool")]
async fn chosen_later(#[cfg(any())] missing: Missing, #[cfg(not(any()))] (left, _): (Guard, Guard)) -> u8 {
    let _ = left;
    std::future::ready(5).await
}

pub(crate) fn main() {
    assert_eq!(chosen(Guard, Guard), 5);
    drop(chosen_later((Guard, Guard)));
}
