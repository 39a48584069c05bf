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

pub(crate) fn main() {
    drop(opened(2));
    drop(opened_aliased());
    drop(chunks(2));
    drop(boxed("a"));
    drop(aliased());
}
