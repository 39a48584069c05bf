//! `impl Trait` in parameters and return types.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::fmt::Display;
use tta_runtime::primitive;

#[primitive(type = "processor", action = "transform")]
fn shown(value: impl Display, times: impl Into<usize>) -> impl Iterator<Item = String> + Clone {
    let text = value.to_string();
    std::iter::repeat_n(text, times.into())
}

#[primitive(type = "processor", action = "transform")]
fn pair(value: impl Display) -> Result<(impl Display, Vec<impl Display>), String> {
    let text = value.to_string();
    if text.is_empty() {
        return Err(text);
    }
    Ok((text.len(), vec![text]))
}

#[primitive(type = "processor", action = "transform")]
async fn later(value: impl Display + Send) -> impl Display {
    std::future::ready(()).await;
    value.to_string()
}

pub(crate) fn main() {
    assert_eq!(shown("a", 2_usize).collect::<String>(), "aa");
    assert!(pair("a").is_ok());
    drop(later(5));
}
