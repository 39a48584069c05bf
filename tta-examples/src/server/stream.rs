//! Streams an answer as server-sent events.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::server::completion::{Completion, created};
use crate::server::faults::Fault;
use crate::server::latency::Pace;
use crate::server::protocol::Delivery;
use crate::tokens::tokens;

/// An event, and its time after the start of the stream.
struct Event {
    due: Duration,
    line: io::Result<String>,
}

/// Streams `completion` word by word; a fault ends it halfway.
pub(crate) fn respond(completion: &Completion, delivery: Delivery, pace: Pace, fault: Option<Fault>) -> Response {
    let mut events = events(completion, delivery, pace);
    let broken = match fault {
        Some(Fault::Disconnect) => Some(Err(io::Error::from(io::ErrorKind::ConnectionReset))),
        Some(Fault::BrokenJson) => Some(Ok(r#"{"id": "chatcmpl-"#.to_owned())),
        Some(Fault::WrongShape) => Some(Ok(r#"{"result": null}"#.to_owned())),
        Some(Fault::ServerError | Fault::RateLimited { .. } | Fault::Slow { .. }) | None => None,
    };
    if let Some(line) = broken {
        events.truncate(events.len() / 2);
        let due = events.last().map_or(pace.first_token, |event| event.due);
        events.push(Event { due, line });
    }
    // Times count from the start, since timers round up, and waits between words would accumulate the error.
    let start = Instant::now();
    let lines = stream::iter(events).then(move |event| async move {
        tokio::time::sleep_until(start + event.due).await;
        event.line.map(|line| Bytes::from(format!("data: {line}\n\n")))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
    (headers, Body::from_stream(lines)).into_response()
}

fn events(completion: &Completion, delivery: Delivery, pace: Pace) -> Vec<Event> {
    let created = created();
    let chunk = |choices: Value, usage: Value| {
        let mut chunk = json!({
            "id": completion.id,
            "object": "chat.completion.chunk",
            "created": created,
            "model": completion.model,
            "choices": choices,
        });
        if delivery == Delivery::StreamWithUsage {
            chunk["usage"] = usage;
        }
        chunk.to_string()
    };
    let delta = |delta: Value, finish_reason: Option<&str>| {
        chunk(json!([{"index": 0, "delta": delta, "finish_reason": finish_reason}]), Value::Null)
    };
    let mut events =
        vec![Event { due: pace.first_token, line: Ok(delta(json!({"role": "assistant", "content": ""}), None)) }];
    let mut sent_tokens = 0;
    for word in words(&completion.content) {
        sent_tokens += tokens(&word).len();
        events.push(Event { due: pace.whole(sent_tokens), line: Ok(delta(json!({"content": word}), None)) });
    }
    let mut last = vec![delta(json!({}), Some(completion.finish_reason))];
    if delivery == Delivery::StreamWithUsage {
        last.push(chunk(json!([]), completion.usage()));
    }
    last.push("[DONE]".to_owned());
    let due = pace.whole(sent_tokens);
    events.extend(last.into_iter().map(|line| Event { due, line: Ok(line) }));
    events
}

/// Returns the words of a text, each with the blank before it, since tokens start with their blank.
fn words(text: &str) -> impl Iterator<Item = String> {
    let later = text.split(' ').skip(1).map(|word| format!(" {word}"));
    text.split(' ').take(1).map(str::to_owned).chain(later)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_add_up_to_the_text_in_about_its_tokens() {
        let text = "Dalén's sun valve lit and extinguished a gas lamp by daylight alone.";
        assert_eq!(words(text).collect::<String>(), text);
        assert_eq!(words(text).map(|word| tokens(&word).len()).sum::<usize>(), tokens(text).len());
    }
}
