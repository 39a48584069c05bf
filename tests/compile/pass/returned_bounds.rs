//! Returned futures, streams and closures that promise more than one trait, and `impl Trait` inside of other types.
#![deny(warnings, clippy::pedantic)]
#![allow(clippy::implied_bounds_in_impls, reason = "the bounds are written as users write them")]
#![forbid(unsafe_code)]

use std::fmt::{Debug, Display};
use std::future::{Future, Ready, ready};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::FusedFuture;
use futures_util::stream::{FusedStream, Stream, StreamExt};
use futures_util::{FutureExt, Sink, SinkExt, stream};
use tta_runtime::primitive;

#[primitive(type = "tool")]
fn boxed_output(text: &'static str) -> Pin<Box<dyn Future<Output = Result<impl AsRef<str>, String>>>> {
    Box::pin(async move { if text.is_empty() { Err("empty".to_owned()) } else { Ok(text) } })
}

#[primitive(type = "tool")]
fn boxed_items(count: usize) -> Box<dyn Iterator<Item = impl Display>> {
    Box::new((0..count).map(|number| number * 2))
}

#[primitive(type = "tool")]
fn closure() -> impl Fn(&str) -> &str {
    |s| s
}

#[primitive(type = "tool")]
fn counter(mut from: u32) -> impl FnMut(u32) -> u32 + Clone + Send {
    move |by| {
        from += by;
        from
    }
}

#[primitive(type = "tool")]
fn once<T: Clone>(value: T) -> impl FnOnce() -> (T, T) {
    move || (value.clone(), value)
}

#[primitive(type = "tool")]
fn fused() -> impl FusedFuture<Output = u8> + Send {
    ready(1).fuse()
}

#[primitive(type = "tool")]
fn future() -> impl FusedFuture<Output = u8> + Clone + Debug + UnwindSafe + RefUnwindSafe + Send + Sync + Unpin {
    futures_util::future::ready(1)
}

#[primitive(type = "tool")]
fn items() -> impl FusedStream<Item = u8> + Clone + Debug + UnwindSafe + RefUnwindSafe + Send + Unpin {
    stream::empty()
}

/// A pipe of bytes to itself.
#[derive(Default)]
struct Pipe(Vec<u8>);

impl Stream for Pipe {
    type Item = u8;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
        Poll::Ready(self.0.pop())
    }
}

impl Sink<u8> for Pipe {
    type Error = String;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, item: u8) -> Result<(), String> {
        self.0.push(item);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }
}

#[primitive(type = "tool")]
fn pipe() -> impl Stream<Item = u8> + Sink<u8, Error = String> + Unpin {
    Pipe::default()
}

#[primitive(type = "tool")]
async fn unwind_safe(number: u8) -> u8 {
    let waiting: Ready<u8> = ready(number);
    waiting.await
}

pub(crate) fn main() {
    use futures_executor::{block_on, block_on_stream};
    fn is_unwind_safe(_: &(impl UnwindSafe + RefUnwindSafe)) {}

    assert_eq!(block_on(boxed_output("a")).map(|text| text.as_ref().len()), Ok(1));
    assert_eq!(boxed_items(3).map(|item| item.to_string()).collect::<String>(), "024");
    assert_eq!(closure()("a"), "a");
    let mut count = counter(1);
    assert_eq!(count.clone()(1) + count(2), 5);
    assert_eq!(once("a")(), ("a", "a"));
    assert_eq!(block_on(fused()), 1);
    let future = future();
    is_unwind_safe(&future);
    assert!(!future.is_terminated());
    assert_eq!(format!("{future:?}"), format!("{:?}", futures_util::future::ready(1_u8)));
    assert_eq!(block_on(future.clone()) + block_on(future), 2);
    let items = items();
    assert_eq!(block_on_stream(items.clone()).count() + block_on_stream(items).count(), 0);
    let mut pipe = pipe();
    assert_eq!(block_on(pipe.send(5)), Ok(()));
    assert_eq!(block_on(pipe.next()), Some(5));
    let running = unwind_safe(1);
    is_unwind_safe(&running);
    assert_eq!(block_on(running), 1);
}
