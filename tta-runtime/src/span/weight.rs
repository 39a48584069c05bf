//! The weight of a span: the memory that it takes while it waits for export.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::trace::Event;
use opentelemetry::{Array, KeyValue, StringValue, Value};

use super::record::{Events, Origin, Rare, SpanError, SpanRecord};
use crate::text_pairs::TextPairs;
use crate::workflow_attributes::WorkflowAttributes;

/// Returns the bytes that a span takes, with what it alone keeps alive.
pub(super) fn weight(record: &SpanRecord) -> usize {
    size_of::<SpanRecord>() + heap(record) + record.workflow.as_ref().map_or(0, workflow)
}

/// Returns the bytes that a span takes on the heap, without its workflow's attributes.
pub(crate) fn heap(record: &SpanRecord) -> usize {
    origin(&record.origin)
        + record.attributes.bytes()
        + record.events.as_deref().map_or(0, events)
        + record.error.as_deref().map_or(0, error)
        + record.rare.as_deref().map_or(0, rare)
}

fn origin(origin: &Origin) -> usize {
    match origin {
        Origin::Call { .. } => 0,
        #[cfg(feature = "blocks")]
        Origin::Block(name) => text(name),
        Origin::Foreign(name) => text(name),
    }
}

fn error(error: &SpanError) -> usize {
    size_of::<SpanError>() + text(&error.kind) + error.message.as_ref().map_or(0, String::capacity)
}

fn rare(rare: &Rare) -> usize {
    let own = rare.name.as_ref().map_or(0, text) + rare.inner_error.as_ref().map_or(0, String::capacity);
    #[cfg(feature = "page")]
    let own = own + rare.usages.capacity() * size_of::<crate::model::Usage>();
    size_of::<Rare>() + own
}

fn events(Events { events, .. }: &Events) -> usize {
    let unused = (events.capacity() - events.len()) * size_of::<Event>();
    size_of::<Events>() + unused + events.iter().map(event).sum::<usize>()
}

fn event(event: &Event) -> usize {
    size_of::<Event>() + text(&event.name) + attributes(&event.attributes)
}

fn attributes(attributes: &Vec<KeyValue>) -> usize {
    let heap = |attribute: &KeyValue| attribute.key.as_str().len() + value(&attribute.value);
    attributes.capacity() * size_of::<KeyValue>() + attributes.iter().map(heap).sum::<usize>()
}

fn value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::Bool(items)) => items.capacity(),
        Value::Array(Array::I64(items)) => items.capacity() * size_of::<i64>(),
        Value::Array(Array::F64(items)) => items.capacity() * size_of::<f64>(),
        Value::Array(Array::String(items)) => {
            items.capacity() * size_of::<StringValue>() + items.iter().map(|item| item.as_str().len()).sum::<usize>()
        }
        _ => 0,
    }
}

#[expect(clippy::ptr_arg, reason = "a borrowed text takes no memory")]
fn text(text: &Cow<'static, str>) -> usize {
    match text {
        Cow::Borrowed(_) => 0,
        Cow::Owned(text) => text.capacity(),
    }
}

/// Returns a span's share of the workflow's attributes, which the spans of a workflow have in common.
///
/// Up to this many owners each counts in full: the caller's context and frames are among them, and may be gone soon.
fn workflow(workflow: &Arc<WorkflowAttributes>) -> usize {
    const FEW: usize = 4;
    let all = size_of::<WorkflowAttributes>()
        + pairs(&workflow.tags)
        + pairs(&workflow.baggage)
        + pairs(&workflow.baggage_properties);
    // In the numbers that there are, a division takes as long as all else.
    match Arc::strong_count(workflow) {
        0..=FEW => all,
        // Half as many digits take half of the time.
        owners => match (u32::try_from(all * FEW), u32::try_from(owners)) {
            (Ok(all), Ok(owners)) => (all / owners) as usize,
            _ => all * FEW / owners,
        },
    }
}

#[inline]
fn pairs(pairs: &TextPairs) -> usize {
    // Most are none.
    if pairs.are_none() {
        0
    } else {
        pairs.iter().map(|(key, value)| key.len() + value.len() + 2 * size_of::<String>()).sum()
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::KeyValue;
    use opentelemetry::trace::Event;

    use super::super::record::{Origin, SpanRecord};
    use super::weight;
    use crate::id::SpanIds;
    use crate::packed_attributes::PackedAttributes;

    #[test]
    fn a_span_weighs_its_texts_lists_and_events() {
        let mut record =
            SpanRecord::new(Origin::Foreign("span".into()), SpanIds::NONE, SpanIds::NONE, PackedAttributes::default());
        let mut last = weight(&record);
        let mut heavier = |record: &mut SpanRecord, by: usize| {
            let now = weight(record);
            assert!((by..by + 1_024).contains(&(now - last)), "{now} after {last}");
            last = now;
        };
        record.set(KeyValue::new("text", "x".repeat(5_000)));
        heavier(&mut record, 5_000);
        record.set(KeyValue::new("list", opentelemetry::Value::Array(vec![1_i64; 1_000].into())));
        heavier(&mut record, 4_000);
        record.add_event(Event::new("event", std::time::UNIX_EPOCH, vec![KeyValue::new("k", "x".repeat(4_000))], 0));
        heavier(&mut record, 4_000);
    }
}
