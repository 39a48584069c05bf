//! The return type of an `async fn` guides the inference of its last expression and its `return`s.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::fmt::Debug;
use tta_runtime::primitive;

#[primitive(type = "tool")]
async fn collected(first: bool) -> Vec<Box<dyn Debug>> {
    std::future::ready(()).await;
    if first {
        return Vec::new();
    }
    vec![Box::new(1), Box::new("two")]
}

#[primitive(type = "tool")]
async fn parsed(text: &str) -> u8 {
    std::future::ready(()).await;
    text.parse().unwrap_or_default()
}

#[primitive(type = "tool")]
async fn boxed(text: String) -> Box<dyn Fn(usize) -> usize> {
    if text.is_empty() {
        return Box::new(|n| n);
    }
    std::future::ready(()).await;
    Box::new(move |n| n + text.len())
}

pub(crate) fn main() {
    drop(collected(true));
    drop(parsed("1"));
    drop(boxed(String::new()));
}
