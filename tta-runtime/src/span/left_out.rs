//! A wrapper without a span: what the spans inside and around it are told.

use opentelemetry::KeyValue;

use super::record::SpanRecord;

/// What a wrapper that is left out knows.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    /// What was known before a span began inside, which the spans inside are told.
    facts: Vec<KeyValue>,
    /// What became known later, which the span around is told.
    later: Vec<KeyValue>,
    has_span_inside: bool,
}

impl LeftOut {
    /// Creates the state of a wrapper that knows `facts`; of those that the wrappers around know too, its own stay.
    #[cfg(feature = "blocks")]
    pub(crate) fn new(mut facts: Vec<KeyValue>, around: &[KeyValue]) -> Self {
        for fact in around {
            if facts.iter().all(|own| own.key != fact.key) {
                facts.push(fact.clone());
            }
        }
        Self { facts, ..Self::default() }
    }

    /// Returns what the spans inside are told.
    pub(crate) fn facts(&self) -> &[KeyValue] {
        &self.facts
    }

    #[cfg(feature = "blocks")]
    pub(crate) fn has_span_inside(&self) -> bool {
        self.has_span_inside
    }

    pub(crate) fn set_span_inside(&mut self) {
        self.has_span_inside = true;
    }

    /// Adds what the wrapper itself knows: the spans inside are told if none of them has begun.
    #[cfg(feature = "blocks")]
    pub(crate) fn know(&mut self, fact: KeyValue) {
        if self.has_span_inside {
            self.tell_around(fact);
        } else {
            set(&mut self.facts, fact);
        }
    }

    /// Adds what only the span around is told.
    pub(crate) fn tell_around(&mut self, attribute: KeyValue) {
        set(&mut self.later, attribute);
    }

    /// Returns all facts if no span inside has them, otherwise those that became known later.
    #[cfg(feature = "blocks")]
    pub(crate) fn into_untold(self) -> impl Iterator<Item = KeyValue> {
        let facts = if self.has_span_inside { Vec::new() } else { self.facts };
        facts.into_iter().chain(self.later)
    }
}

/// Sets an attribute, replacing an earlier value of the same key.
fn set(attributes: &mut Vec<KeyValue>, attribute: KeyValue) {
    match attributes.iter_mut().find(|have| have.key == attribute.key) {
        Some(have) => *have = attribute,
        None => attributes.push(attribute),
    }
}

impl SpanRecord {
    /// Adds what the wrappers around know; the span's own attributes stay.
    #[inline]
    pub(crate) fn add_facts(&mut self, facts: Option<Vec<KeyValue>>) {
        if let Some(facts) = facts {
            self.add_missing(facts);
        }
    }

    #[cold]
    fn add_missing(&mut self, facts: Vec<KeyValue>) {
        for KeyValue { key, value, .. } in facts {
            if !self.attributes.contains(key.as_str()) {
                self.attributes.push(key.as_str(), value);
            }
        }
    }
}
