//! A crate without the standard library that returns boxed futures and streams.
#![no_std]
#![deny(warnings)]

extern crate alloc;

use alloc::boxed::Box;
use core::future::{Future, ready};
use core::pin::Pin;

use tta_runtime::{LabelValue, primitive};

#[derive(Clone, Copy, LabelValue)]
enum Audience {
    Public,
}

#[primitive(type = "tool", labels(audience = audience))]
fn pinned(audience: Audience) -> Pin<Box<dyn Future<Output = Result<u8, core::fmt::Error>> + Send>> {
    let _ = audience;
    Box::pin(ready(Ok(1)))
}

#[primitive(type = "tool")]
fn unpinned() -> Box<dyn Future<Output = u8> + Unpin> {
    Box::new(ready(1))
}

#[primitive(type = "tool")]
async fn later(number: u8) -> u8 {
    ready(number).await
}

fn main() {
    drop(pinned(Audience::Public));
    drop(unpinned());
    drop(later(1));
}
