//! A trace with all of its spans, of however many answers.

use serde_json::Value;

use super::span_tree::TracedSpan;
use super::wrong_call::WrongCall;
use crate::doctor::Unanswered;

/// The most spans that are read: more than a program keeps of a trace in 32 MiB.
const MOST_SPANS: usize = 1_000_000;

/// Reads a trace by its id: its first answer without the spans, and all spans. `read` returns the data of an endpoint.
pub(crate) fn whole_trace(
    id: &str,
    mut read: impl FnMut(&str, &[(&str, &str)]) -> Result<Value, Unanswered>,
) -> Result<(Value, Vec<TracedSpan>), WrongCall> {
    let is_id = id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !is_id {
        return Err(WrongCall::Argument("trace_id", "text of 32 hexadecimal digits"));
    }
    let path = format!("traces/{}", id.to_ascii_lowercase());
    let mut first = read(&path, &[])?;
    let mut spans: Vec<TracedSpan> = serde_json::from_value(first["spans"].take())?;
    let mut next = first["next"].take();
    while let Some(after) = next.as_str() {
        let mut part = read(&path, &[("after", after)])?;
        let of_part: Vec<TracedSpan> = serde_json::from_value(part["spans"].take())?;
        // A program whose answers never end would fill the memory.
        if of_part.is_empty() || spans.len() >= MOST_SPANS {
            break;
        }
        spans.extend(of_part);
        next = part["next"].take();
    }
    Ok((first, spans))
}
