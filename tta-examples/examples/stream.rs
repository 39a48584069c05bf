//! A streamed answer, with its time to first token, time per output token, and cost.
//!
//! `cargo run -p tta-examples --example stream`
//!
//! Without `OPENAI_BASE_URL`, it asks the embedded server of the main example, which extracts sentences from the prompt.
#![allow(dead_code, unused_imports, reason = "the main example uses more of its client and its server")]

#[path = "../src/client/mod.rs"]
mod client;
#[path = "../src/corpus.rs"]
mod corpus;
#[path = "../src/server/mod.rs"]
mod server;
#[path = "../src/text/mod.rs"]
mod text;
#[path = "../src/tokens.rs"]
mod tokens;

use std::error::Error;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures_util::{Stream, TryStreamExt as _};
use opentelemetry::Value;
use tta_runtime::primitive;
use tta_runtime::testing::InMemorySpans;
use tta_runtime::trace;

use crate::client::{ChatClient, ChatError, Chunk, Prompt};
use crate::server::{Behaviour, FaultShare, Server};

const LIMIT: Duration = Duration::from_secs(60);

/// Streams an answer. The call lasts until the stream's end; the last chunk carries the usage.
#[primitive(type = "llm", action = "stream", provider = "openai", model = capped(&model),
            error_type = ChatError::error_type)]
fn answer(client: ChatClient, model: String, prompt: Prompt) -> impl Stream<Item = Result<Chunk, ChatError>> + Send {
    client.stream(model, prompt)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let capture = InMemorySpans::default();
    let free_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let telemetry = tta_runtime::builder().metrics_addr(free_port).span_exporter(capture.clone()).init()?;
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let behaviour =
        Behaviour { seed: 1, faults: FaultShare::from_percent(0.0).ok_or("no share")?, latency_factor: 1.0 };
    let server = Server::start(behaviour).await?;
    let base_url = variable("OPENAI_BASE_URL").unwrap_or_else(|| server.base_url());
    let client = ChatClient::new(&base_url, variable("OPENAI_API_KEY").as_deref(), LIMIT)?;

    let prompt = Prompt {
        instruction: "Answer in at most 3 sentences.".to_owned(),
        text: format!("Question: Who improved the lens?\n\n[1] lenses\n{}", include_str!("../data/03-lenses.md")),
    };
    let chunks = answer(client, "gpt-4o-mini".to_owned(), prompt);
    chunks
        .try_for_each(|chunk| async move {
            print!("{}", chunk.text);
            let _ = std::io::stdout().flush();
            Ok(())
        })
        .await?;

    telemetry.flush(Duration::from_secs(1));
    let spans = capture.take();
    println!("\n\n{}", trace::tree(&spans));
    let attributes = spans.iter().flat_map(|span| &span.attributes);
    for told in attributes.filter(|told| told.key.as_str() == "gen_ai.response.time_to_first_chunk") {
        if let Value::F64(seconds) = told.value {
            println!("first token after {:.0} ms", seconds * 1e3);
        }
    }
    for model in tta_runtime::stats().models {
        let tokens: Vec<_> = model.tokens.iter().map(|(kind, tokens)| format!("{tokens} {kind}")).collect();
        println!("{}: {} tokens, ${:.6}", model.model, tokens.join(", "), model.cost_usd);
    }
    // The same times as Prometheus scrapes them.
    let text = tta_runtime::metrics_text();
    let is_time = |line: &&str| line.starts_with("tta_llm_time_") && !line.contains("_bucket{");
    text.lines().filter(is_time).for_each(|line| println!("{line}"));
    Ok(())
}
