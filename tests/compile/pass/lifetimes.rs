//! Return values that borrow from parameters.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::cell::{Ref, RefCell};
use std::future::{Future, ready};
use std::pin::Pin;

use futures_util::future::BoxFuture;
use tta_runtime::primitive;

#[primitive(type = "tool")]
fn cow(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

#[primitive(type = "tool")]
fn guard(cell: &RefCell<String>) -> Ref<'_, str> {
    Ref::map(cell.borrow(), String::as_str)
}

#[primitive(type = "tool")]
fn chosen<'a, 'b: 'a>(left: &'a mut String, right: &'b mut String) -> &'a mut String {
    if left.is_empty() { right } else { left }
}

#[primitive(type = "tool")]
async fn later<'a>(text: &'a str, _other: &str) -> Result<&'a str, &'a str> {
    std::future::ready(()).await;
    if text.is_empty() {
        return Err(text);
    }
    Ok(text)
}

#[primitive(type = "tool")]
fn dynamic(text: &str) -> Box<dyn Iterator<Item = char> + '_> {
    Box::new(text.chars())
}

/// The future is `'static`, although its output need not be.
#[primitive(type = "tool")]
fn longer_than_output<'a>(text: &'a str) -> BoxFuture<'static, Cow<'a, str>> {
    let length = text.len();
    Box::pin(async move { Cow::Owned(length.to_string()) })
}

#[primitive(type = "tool")]
fn pinned_longer_than_output<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Cow<'a, str>> + Send>> {
    longer_than_output(text)
}

#[primitive(type = "tool")]
fn pinned<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Cow<'a, str>> + Send + 'a>> {
    Box::pin(ready(Cow::Borrowed(text)))
}

pub(crate) fn main() {
    let text = "abc".to_owned();
    assert_eq!(futures_executor::block_on(longer_than_output(&text)), "3");
    assert_eq!(futures_executor::block_on(pinned_longer_than_output(&text)), "3");
    assert_eq!(futures_executor::block_on(pinned(&text)), "abc");
    assert_eq!(cow("a"), "a");
    assert_eq!(&*guard(&RefCell::new("b".to_owned())), "b");
    assert_eq!(chosen(&mut String::new(), &mut "c".to_owned()), "c");
    drop(later("a", "b"));
    assert_eq!(dynamic("a").count(), 1);
}
