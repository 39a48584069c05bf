//! Type, lifetime and constant parameters, and `where` clauses.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::fmt::Display;
use tta_runtime::primitive;

#[primitive(type = "processor", action = "transform")]
fn longest<'a, T, const N: usize>(items: &'a [T; N], other: &'a T) -> &'a T
where
    T: PartialOrd,
{
    items.iter().fold(other, |longest, item| if item > longest { item } else { longest })
}

#[primitive(type = "processor", action = "transform")]
async fn shown<T: Display + Send, F>(value: T, with: F) -> String
where
    F: AsyncFn(&str) -> String,
{
    with(&value.to_string()).await
}

pub(crate) fn main() {
    assert_eq!(longest(&[1, 5, 3], &2), &5);
    drop(shown(5, async |text: &str| text.to_owned()));
}
