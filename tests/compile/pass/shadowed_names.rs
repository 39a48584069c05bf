//! Parameters and constants with names that the expansion uses.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]
#![allow(non_upper_case_globals, non_camel_case_types, dead_code, clippy::too_many_arguments)]

use std::future::Future;

use tta_runtime::primitive;

const SITE: u8 = 1;
const ENTRY: u8 = 2;
const CALL_SITES: u8 = 3;
struct CallSite;

#[primitive(type = "tool", attributes("sum" = call + out + end + SITE + ENTRY))]
fn named(call: u8, out: u8, end: u8, site: u8, caller: u8, body: u8, attributes: u8, future: u8, closed: u8) -> u8 {
    call + out + end + site + caller + body + attributes + future + closed + SITE + ENTRY + CALL_SITES
}

#[primitive(type = "tool", labels(flag = out))]
async fn named_later(core: u8, std: u8, tta_runtime: u8, out: bool, end: u8, call: u8, __argument_0: u8) -> u8 {
    std::future::ready(()).await;
    let _ = (out, CallSite);
    core + std + tta_runtime + end + call + __argument_0
}

#[primitive(type = "tool")]
fn plain(call: u8, out: u8, end: u8, body: u8, error: u8, this: u8, closed: u8) -> u8 {
    call + out + end + body + error + this + closed
}

#[primitive(type = "tool")]
async fn plain_later(call: u8, out: u8, end: u8, body: u8, begun: u8, this: u8) -> u8 {
    call + out + end + body + begun + this
}

struct Caller(usize);

impl Caller {
    #[primitive(type = "tool")]
    fn method(&self, call: &str, body: &str) -> usize {
        self.0 + call.len() + body.len()
    }

    #[primitive(type = "tool", labels(flag = call > 1))]
    async fn method_later(&self, call: u8, body: &str) -> usize {
        self.0 + usize::from(call) + body.len()
    }
}

#[primitive(type = "tool")]
fn future(call: u8, body: u8, end: u8) -> impl Future<Output = u8> {
    std::future::ready(call + body + end)
}

#[primitive(type = "tool")]
fn boxed(call: u8, body: u8, end: u8) -> std::pin::Pin<Box<dyn Future<Output = u8>>> {
    Box::pin(std::future::ready(call + body + end))
}

#[primitive(type = "tool")]
fn streamed(call: u8, body: u8, end: u8) -> Result<impl futures_util::Stream<Item = u8>, String> {
    Ok(futures_util::stream::iter([call, body, end]))
}

#[primitive(type = "tool")]
async fn streamed_later(call: u8, body: u8, end: u8) -> impl futures_util::Stream<Item = u8> {
    futures_util::stream::iter([call, body, end])
}

pub(crate) fn main() {
    use futures_util::StreamExt;
    assert_eq!(plain(1, 1, 1, 1, 1, 1, 1), 7);
    assert_eq!(Caller(0).method("a", "bc"), 3);
    futures_executor::block_on(async {
        assert_eq!(plain_later(1, 1, 1, 1, 1, 1).await, 6);
        assert_eq!(Caller(0).method_later(2, "a").await, 3);
        assert_eq!((future(1, 2, 3).await, boxed(1, 2, 3).await), (6, 6));
        assert_eq!(streamed(1, 2, 3).unwrap().collect::<Vec<_>>().await, [1, 2, 3]);
        assert_eq!(streamed_later(1, 2, 3).await.collect::<Vec<_>>().await, [1, 2, 3]);
    });
    assert_eq!(named(1, 1, 1, 1, 1, 1, 1, 1, 1), 15);
    drop(named_later(1, 1, 1, true, 1, 1, 1));
}
