//! Functions that return a boxed future: by `.boxed()`, through an alias, and with a borrow.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::future::Future;
use std::pin::Pin;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, LocalBoxFuture};
use tta_runtime::primitive;

type Reply<'a> = Pin<Box<dyn Future<Output = usize> + Send + 'a>>;

#[primitive(type = "tool")]
fn pinned(text: &str) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
    Box::pin(async move { text.len() })
}

#[primitive(type = "tool")]
fn boxed(text: &str) -> BoxFuture<'_, Result<usize, String>> {
    if text.is_empty() {
        return std::future::ready(Err("empty".to_owned())).boxed();
    }
    async move { Ok(text.len()) }.boxed()
}

#[primitive(type = "tool")]
fn local(text: &str) -> LocalBoxFuture<'_, usize> {
    async move { text.len() }.boxed_local()
}

#[primitive(type = "tool", returns = future)]
fn aliased(text: &str) -> Reply<'_> {
    Box::pin(async move { text.len() })
}

#[primitive(type = "tool")]
fn unpinned() -> Box<dyn Future<Output = usize> + Unpin> {
    Box::new(std::future::ready(5))
}

pub(crate) fn main() {
    drop(pinned("a"));
    drop(boxed("a"));
    drop(local("a"));
    drop(aliased("a"));
    drop(unpinned());
}
