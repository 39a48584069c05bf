//! Functions that return streams.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tta_runtime::llm::Usage;
use tta_runtime::primitive;

struct Chunk {
    usage: Option<Usage>,
}

type Chunks = BoxStream<'static, u8>;

#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o", usage = |chunk| chunk.usage.clone())]
fn chunks(count: usize) -> impl Stream<Item = Result<Chunk, String>> {
    stream::iter((0..count).map(|_| Ok(Chunk { usage: None })))
}

#[primitive(type = "tool")]
fn boxed(text: &str) -> BoxStream<'_, char> {
    stream::iter(text.chars()).boxed()
}

#[primitive(type = "tool", returns = stream)]
fn aliased() -> Chunks {
    stream::iter([1, 2]).boxed()
}

#[primitive(type = "tool")]
async fn opened(count: u8) -> impl Stream<Item = u8> {
    std::future::ready(()).await;
    stream::iter(0..count)
}

#[primitive(type = "tool", returns = stream)]
async fn opened_aliased() -> Chunks {
    std::future::ready(()).await;
    stream::iter([1, 2]).boxed()
}

enum Refusal {
    Timeout,
}

#[primitive(type = "tool", error_type = |refusal| matches!(refusal, Refusal::Timeout))]
async fn opened_or_not(count: u8) -> Result<impl Stream<Item = u8>, Refusal> {
    std::future::ready(()).await;
    if count == 0 {
        return Err(Refusal::Timeout);
    }
    Ok(stream::iter(0..count))
}

#[primitive(type = "tool", ok_if = |byte| *byte > 0)]
fn boxed_or_not(text: &str) -> Result<BoxStream<'_, Result<u8, String>>, String> {
    let first = text.bytes().next().ok_or("empty")?;
    Ok(stream::iter([first]).map(Ok).boxed())
}

#[primitive(type = "tool")]
async fn pinned_or_not() -> std::io::Result<std::pin::Pin<Box<dyn Stream<Item = u8> + Send>>> {
    std::future::ready(()).await;
    Ok(Box::pin(stream::empty()))
}

#[primitive(type = "tool", returns = stream)]
fn aliased_or_not() -> Result<Chunks, String> {
    Ok(stream::iter([1, 2]).boxed())
}

pub(crate) fn main() {
    drop(opened_or_not(2));
    assert!(boxed_or_not("").is_err());
    drop(pinned_or_not());
    assert!(aliased_or_not().is_ok());
    drop(opened(2));
    drop(opened_aliased());
    drop(chunks(2));
    drop(boxed("a"));
    drop(aliased());
}
