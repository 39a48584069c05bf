//! The events on spans, which may be log records too.

use std::fmt::Write as _;

use tta_runtime::schema::{Attribute, attributes};

use super::group::{head, references};

/// An event: its name, its brief, and the words of `Attribute::of` whose attributes it has.
struct Event {
    name: &'static str,
    brief: &'static str,
    of: &'static [&'static str],
}

const EVENTS: &[Event] = &[
    Event {
        name: "gen_ai.client.inference.operation.details",
        brief: "The content of a call and, as a log record, what its span says of it in the terms of the conventions.",
        of: &["all", "inference", "embeddings", "agents", "workflows", "tools", "retrieval", "memory", "MCP"],
    },
    Event {
        name: "gen_ai.evaluation.result",
        brief: "The result of an evaluation.",
        of: &["the event `gen_ai.evaluation.result`", "the same"],
    },
    Event { name: "exception", brief: "The error of a call, on the span where it began.", of: &["exception"] },
];

pub(super) fn groups() -> String {
    let mut file = String::new();
    for event in EVENTS {
        head(&mut file, &format!("event.{}", event.name), "event", event.brief);
        let _ = writeln!(file, "    name: {}", event.name);
        let is_its = |attribute: &&Attribute| super::spans::is_of(attribute, event.of);
        references(&mut file, attributes().filter(is_its).map(|attribute| (attribute.name, attribute.level)));
    }
    file
}
