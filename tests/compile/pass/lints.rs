//! The expansion causes no lint of its own, and no `allow` that a `forbid` rejects.
#![deny(warnings, clippy::pedantic, clippy::shadow_same, clippy::shadow_reuse)]
#![forbid(unsafe_code, unreachable_code, unused_imports, unused_variables, unused_mut)]

use tta_runtime::{LabelValue, primitive};

#[derive(Clone, Copy, LabelValue)]
enum Audience {
    Public,
}

enum Never {}

struct Guard {
    open: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        assert!(!self.open);
    }
}

impl Guard {
    #[primitive(type = "tool")]
    fn close(mut self) {
        self.open = false;
    }

    #[primitive(type = "tool")]
    async fn close_later(mut self) {
        std::future::ready(()).await;
        self.open = false;
    }

    #[primitive(type = "tool")]
    fn close_boxed(mut self: Box<Self>, _reason: String) {
        self.open = false;
    }
}

#[primitive(type = "tool", labels(audience = audience))]
fn closed(audience: Audience, mut words: Vec<String>, word: Box<str>) -> usize {
    words.push(word.into());
    words.len() + audience.label_value().len()
}

#[primitive(type = "tool", labels(audience = audience))]
async fn underscores(audience: Audience, _other: Box<str>, mut words: Vec<String>, word: Box<str>) -> usize {
    std::future::ready(()).await;
    words.push(word.into());
    words.len()
}

#[primitive(type = "tool")]
fn infallible(result: Result<u8, Never>) -> u8 {
    let mut total = 1;
    match result {
        Ok(number) => {
            total += number;
            total
        }
        Err(never) => match never {},
    }
}

#[primitive(type = "tool")]
async fn infallible_later(result: Result<u8, Never>) -> u8 {
    let mut total = 1;
    let number = match std::future::ready(result).await {
        Ok(number) => number,
        Err(never) => match never {},
    };
    total += number;
    total
}

#[primitive(type = "tool")]
fn returns(number: u8) -> u8 {
    if number > 1 {
        return 2;
    }
    assert!(number > 5, "too small");
    number
}

#[primitive(type = "tool")]
fn panics(number: u8) -> u8 {
    panic!("{number}")
}

pub(crate) fn main() {
    Guard { open: true }.close();
    futures_executor::block_on(Guard { open: true }.close_later());
    Box::new(Guard { open: true }).close_boxed(String::new());
    assert_eq!(closed(Audience::Public, Vec::new(), "a".into()), 7);
    drop(underscores(Audience::Public, "b".into(), Vec::new(), "a".into()));
    assert_eq!(infallible(Ok(1)), 2);
    assert_eq!(futures_executor::block_on(infallible_later(Ok(1))), 2);
    assert_eq!(returns(2), 2);
    assert!(std::panic::catch_unwind(|| panics(1)).is_err());
}
