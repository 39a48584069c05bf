//! Received spans as text: trees with all their attributes, and values that differ between runs replaced by names.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

/// Returns the spans as trees of their names, one trace after the other in the order of their starts.
pub(crate) fn names(spans: &[Span]) -> String {
    Trees::new(spans).write(&|_, _| String::new())
}

/// Returns the spans as trees, with status, attributes and events.
pub(crate) fn whole(spans: &[Span]) -> String {
    Trees::new(spans).write(&describe)
}

/// Returns the spans as trees, with status and events.
pub(crate) fn statuses(spans: &[Span]) -> String {
    Trees::new(spans).write(&|known, span| format!("{}{}", status(span), events(known, span)))
}

struct Trees<'a> {
    spans: Vec<&'a Span>,
    known: Known<'a>,
}

/// Names for numeric identifiers.
struct Known<'a> {
    spans: HashMap<&'a [u8], &'a str>,
}

impl<'a> Trees<'a> {
    fn new(spans: &'a [Span]) -> Self {
        let mut sorted: Vec<_> = spans.iter().collect();
        sorted.sort_by_key(|span| (span.start_time_unix_nano, std::cmp::Reverse(span.end_time_unix_nano)));
        let names = spans.iter().map(|span| (span.span_id.as_slice(), name(span)));
        Self { spans: sorted, known: Known { spans: names.collect() } }
    }

    fn write(&self, describe: &dyn Fn(&Known<'_>, &Span) -> String) -> String {
        let mut out = String::new();
        for span in &self.spans {
            if span.parent_span_id.is_empty() {
                writeln!(out, "trace").expect("a string grows");
                self.write_span(&mut out, span, 1, describe);
            } else if !self.known.spans.contains_key(span.parent_span_id.as_slice()) {
                writeln!(out, "trace {} below {}", hex(&span.trace_id), hex(&span.parent_span_id))
                    .expect("a string grows");
                self.write_span(&mut out, span, 1, describe);
            }
        }
        out
    }

    fn write_span(&self, out: &mut String, span: &Span, depth: usize, describe: &dyn Fn(&Known<'_>, &Span) -> String) {
        let indent = "  ".repeat(depth);
        writeln!(out, "{indent}{} [{}]", name(span), span.name).expect("a string grows");
        for line in describe(&self.known, span).lines() {
            writeln!(out, "{indent}    {line}").expect("a string grows");
        }
        for child in self.spans.iter().filter(|child| child.parent_span_id == span.span_id) {
            assert_eq!(child.trace_id, span.trace_id, "a child is in its parent's trace");
            self.write_span(out, child, depth + 1, describe);
        }
    }
}

/// Returns the primitive's name, or else the span's.
fn name(span: &Span) -> &str {
    let attribute = span.attributes.iter().find(|attribute| attribute.key == "primitive.name");
    match attribute.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(name)) => name,
        _ => &span.name,
    }
}

fn describe(known: &Known<'_>, span: &Span) -> String {
    let kind = SpanKind::try_from(span.kind).map_or("unknown", |kind| kind.as_str_name());
    let mut out = format!("{kind}\n{}", status(span));
    let mut attributes: Vec<_> = span.attributes.iter().collect();
    attributes.sort_by(|a, b| a.key.cmp(&b.key));
    for attribute in attributes {
        writeln!(out, "{}: {}", attribute.key, value(known, span, attribute)).expect("a string grows");
    }
    out.push_str(&events(known, span));
    let dropped = (span.dropped_attributes_count, span.dropped_events_count, span.links.len());
    assert_eq!(dropped, (0, 0, 0), "nothing is left out, nothing is linked");
    out
}

fn status(span: &Span) -> String {
    let status = span.status.clone().unwrap_or_default();
    let code = StatusCode::try_from(status.code).map_or("unknown", |code| code.as_str_name());
    format!("{} {}", code, status.message).trim_end().to_owned() + "\n"
}

fn events(known: &Known<'_>, span: &Span) -> String {
    let mut out = String::new();
    for event in &span.events {
        let inside = (span.start_time_unix_nano..=span.end_time_unix_nano).contains(&event.time_unix_nano);
        assert!(inside, "an event is not in its span's time: {event:?}");
        writeln!(out, "event {}", event.name).expect("a string grows");
        for attribute in &event.attributes {
            writeln!(out, "  {}: {}", attribute.key, value(known, span, attribute)).expect("a string grows");
        }
    }
    out
}

fn value(known: &Known<'_>, span: &Span, attribute: &KeyValue) -> String {
    let value = attribute.value.clone().unwrap_or_default();
    match (attribute.key.as_str(), &value.value) {
        ("execution.duration_ms", Some(Value::DoubleValue(milliseconds))) => {
            let whole = (span.end_time_unix_nano - span.start_time_unix_nano) as f64 / 1e6;
            assert!((milliseconds - whole).abs() < 1e-6, "{milliseconds} is not the span's {whole}");
            "double <from start to end>".to_owned()
        }
        ("cache.age_seconds", Some(Value::DoubleValue(seconds))) if (0.0..60.0).contains(seconds) => {
            "double <some>".to_owned()
        }
        ("code.line.number", Some(Value::IntValue(line))) => format!("int <{}>", source_line(span, *line)),
        (_, Some(Value::StringValue(text))) => format!("string {}", text_of(known, text)),
        _ => plain(&value),
    }
}

fn text_of(known: &Known<'_>, text: &str) -> String {
    let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes: Vec<u8> =
        (0..text.len() / 2).filter_map(|i| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()).collect();
    if is_hex && let Some(name) = known.spans.get(bytes.as_slice()) {
        return format!("<the span of {name}>");
    }
    // UUID version 7, which sorts by time.
    let is_uuid = text.len() == 36 && text.as_bytes().get(14) == Some(&b'7') && text.matches('-').count() == 4;
    if is_uuid { "<uuid 7>".to_owned() } else { text.to_owned() }
}

/// Returns the first word in the source at the position that a span reports for its function.
fn source_line(span: &Span, line: i64) -> String {
    let attribute = |attribute: &&KeyValue| attribute.key == "code.file.path";
    let path = span.attributes.iter().find(attribute).and_then(|attribute| attribute.value.clone()?.value);
    let Some(Value::StringValue(path)) = path else { return line.to_string() };
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in a workspace");
    let source = std::fs::read_to_string(workspace.join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    source.lines().nth(line as usize - 1).unwrap_or_default().split('(').next().unwrap_or_default().trim().to_owned()
}

fn plain(value: &AnyValue) -> String {
    match &value.value {
        Some(Value::StringValue(text)) => format!("string {text}"),
        Some(Value::BoolValue(value)) => format!("bool {value}"),
        Some(Value::IntValue(value)) => format!("int {value}"),
        Some(Value::DoubleValue(value)) => format!("double {value}"),
        Some(Value::ArrayValue(array)) => {
            format!("[{}]", array.values.iter().map(plain).collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Returns the identifiers of the spans, to check that none came twice.
pub(crate) fn ids(spans: &[Span]) -> std::collections::HashSet<String> {
    spans.iter().map(|span| hex(&span.span_id)).collect()
}
