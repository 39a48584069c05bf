//! Log lines of `tracing-subscriber` that carry the ids of the trace.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::subscriber::with_default;
use tracing_subscriber::fmt::SubscriberBuilder;
use tta_runtime::{WorkflowContext, primitive, propagation};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no writer panics").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no writer panics").clone()).expect("it is text")
    }
}

#[primitive(type = "tool")]
fn work() {
    tracing::info!(step = 1, "{{inside}}");
}

fn context() -> WorkflowContext {
    let mut headers = http::HeaderMap::new();
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    headers.insert("traceparent", parent.parse().expect("it is a header"));
    propagation::extract(&headers)
}

fn log() {
    tracing::info!("outside");
    context().run(work);
}

#[test]
fn a_line_of_text_begins_with_the_ids() {
    let lines = Lines::default();
    let writer = lines.clone();
    let format = SubscriberBuilder::default().without_time().with_target(false).with_writer(move || writer.clone());
    let subscriber = format.with_ansi(false).map_event_format(tta_runtime::with_trace_ids).finish();
    with_default(subscriber, log);
    let span = "primitive.tool.call{otel.name=\"primitive.tool.call\" primitive.name=\"work\" primitive.type=\"tool\" \
                primitive.action=\"call\"}";
    let ids = "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7";
    assert_eq!(lines.text(), format!(" INFO outside\n{ids}  INFO {span}: {{inside}} step=1\n"));
}

#[test]
fn colours_stay() {
    let lines = Lines::default();
    let writer = lines.clone();
    let format = SubscriberBuilder::default().without_time().with_target(false).with_writer(move || writer.clone());
    let subscriber = format.with_ansi(true).map_event_format(tta_runtime::with_trace_ids).finish();
    with_default(subscriber, || context().run(|| tracing::info!("inside")));
    let ids = "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7";
    assert_eq!(lines.text(), format!("{ids} \u{1b}[32m INFO\u{1b}[0m inside\n"));
}

#[test]
fn a_line_of_json_has_the_ids_as_fields() {
    let lines = Lines::default();
    let writer = lines.clone();
    let format = SubscriberBuilder::default().json().with_writer(move || writer.clone());
    let subscriber = format.map_event_format(tta_runtime::with_trace_ids).finish();
    with_default(subscriber, log);
    let ids: Vec<_> = lines
        .text()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("it is JSON"))
        .map(|line| {
            [&line["fields"]["message"], &line["trace_id"], &line["span_id"]].map(|id| id.as_str().map(str::to_owned))
        })
        .collect();
    let some = |text: &str| Some(text.to_owned());
    let inside = [some("{inside}"), some("4bf92f3577b34da6a3ce929d0e0e4736"), some("00f067aa0ba902b7")];
    assert_eq!(ids, [[some("outside"), None, None], inside]);
}
