//! Requests that are read before the body runs: borrowed, owned, of a type of its own, built of two parameters.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use serde::Serialize;
use tta_runtime::llm::Usage;
use tta_runtime::primitive;

#[derive(Serialize)]
pub(crate) struct Body {
    temperature: f64,
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", request = body)]
async fn borrowed(body: &Body) -> Usage {
    std::future::ready(()).await;
    Usage::new(1, u64::from(body.temperature > 0.0))
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", request = body)]
async fn owned(body: Body) -> Usage {
    std::future::ready(()).await;
    let Body { temperature } = body;
    Usage::new(1, u64::from(temperature > 0.0))
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", request = body)]
fn generic<B: Serialize + Sync>(body: &B, _turn: u8) -> Usage {
    let _ = body;
    Usage::new(1, 2)
}

#[primitive(
    type = "embedding", provider = "openai", model = "small", request = Body { temperature: f64::from(a + b) },
    attributes("sum" = a + b), labels(region = "eu"),
)]
fn built(a: u8, b: u8) -> Usage {
    Usage::new(u64::from(a), u64::from(b))
}

pub(crate) fn main() {
    drop(borrowed(&Body { temperature: 0.5 }));
    drop(owned(Body { temperature: 0.5 }));
    generic(&Body { temperature: 0.5 }, 1);
    built(1, 2);
}
