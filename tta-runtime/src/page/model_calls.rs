//! The usage of the latest calls to models, to be priced anew.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ring::KeptSpan;
use crate::model::{CallCost, NanoUsd, Usage};
use crate::span::SpanRecord;

/// The latest calls.
#[derive(Default)]
pub(super) struct ModelCalls(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// The oldest first.
    calls: VecDeque<Call>,
    /// What the calls take.
    bytes: usize,
}

/// A call whose usage is known.
struct Call {
    provider: String,
    model: String,
    usages: Vec<Usage>,
    cost: Cost,
}

/// The cost of a call: known when its span ended, or as soon as the prices are decoded.
enum Cost {
    Known(NanoUsd),
    Late(Arc<CallCost>),
}

/// A call whose usage and cost are known.
#[derive(Debug, PartialEq)]
pub(super) struct PricedCall {
    pub(super) usages: Vec<Usage>,
    pub(super) cost: NanoUsd,
}

/// The most calls that are kept: those with one usage each take about a megabyte.
const MOST: usize = 2_048;

/// The most bytes that they take: a call has up to 16 usages.
pub(super) const MOST_BYTES: usize = 2 << 20;

impl ModelCalls {
    /// Keeps the usage of a model call, if the span is one.
    pub(super) fn add(&self, span: &SpanRecord) {
        let Some(rare) = span.rare.as_deref().filter(|rare| !rare.usages.is_empty()) else { return };
        let read = KeptSpan(span);
        let cost = match (read.cost(), &rare.late_cost) {
            (Some(cost), _) => Cost::Known(cost),
            (None, Some(late)) => Cost::Late(Arc::clone(late)),
            (None, None) => return,
        };
        let unknown = || "unknown".to_owned();
        let call = Call {
            provider: read.provider().unwrap_or_else(unknown),
            model: read.model().unwrap_or_else(unknown),
            usages: rare.usages.iter().map(billed).collect(),
            cost,
        };
        let mut kept = self.lock();
        kept.bytes += call.bytes();
        kept.calls.push_back(call);
        while kept.calls.len() > MOST || kept.bytes > MOST_BYTES {
            let Some(oldest) = kept.calls.pop_front() else { break };
            kept.bytes -= oldest.bytes();
        }
    }

    /// Returns how many calls are kept, and the bytes that they take.
    pub(super) fn size(&self) -> (usize, usize) {
        let kept = self.lock();
        (kept.calls.len(), kept.bytes)
    }

    /// Returns the calls of a model whose cost is known by now.
    pub(super) fn of(&self, provider: &str, model: &str) -> Vec<PricedCall> {
        let kept = self.lock();
        let own = kept.calls.iter().filter(|call| call.provider == provider && call.model == model);
        own.filter_map(|call| Some(PricedCall { usages: call.usages.clone(), cost: call.cost.known()? })).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call {
    fn bytes(&self) -> usize {
        let region = |usage: &Usage| usage.inference_geo.as_ref().map_or(0, String::capacity);
        let usages = self.usages.capacity() * size_of::<Usage>() + self.usages.iter().map(region).sum::<usize>();
        // A list has room for twice as many calls at most.
        2 * size_of::<Self>() + self.provider.capacity() + self.model.capacity() + usages
    }
}

impl Cost {
    fn known(&self) -> Option<NanoUsd> {
        match self {
            Self::Known(cost) => Some(*cost),
            Self::Late(cost) => cost.known(),
        }
    }
}

/// Returns what another model would be billed for: the answer's own texts and its reported cost are left out.
fn billed(usage: &Usage) -> Usage {
    Usage { cost: None, response_model: None, response_id: None, finish_reasons: Vec::new(), ..usage.clone() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use opentelemetry::KeyValue;

    use super::{MOST, MOST_BYTES, ModelCalls, PricedCall};
    use crate::id::SpanIds;
    use crate::model::{CallCost, Cost, NanoUsd, PriceBasis, Usage};
    use crate::span::{Origin, SpanRecord};

    /// Keeps this many calls to a model of this name, each with this many usages.
    fn kept(calls: usize, usages: usize, model: &str) -> ModelCalls {
        let all = ModelCalls::default();
        for _ in 0..calls {
            let attributes = [KeyValue::new("llm.model_name", model.to_owned()), KeyValue::new("llm.cost_usd", 0.5)];
            let attributes = attributes.into_iter().collect();
            let mut span =
                SpanRecord::new(Origin::Foreign("chat".into()), SpanIds::root(|_| true), SpanIds::NONE, attributes);
            span.keep_usages(&vec![Usage::new(10, 2); usages]);
            all.add(&span);
        }
        all
    }

    #[test]
    fn calls_are_bounded_by_their_number_and_their_bytes() {
        let (calls, bytes) = kept(3_000, 1, "gpt-4o").size();
        assert_eq!(calls, MOST);
        assert!((MOST_BYTES / 4..MOST_BYTES).contains(&bytes), "{bytes}");
        for (usages, name) in [(16, "gpt-4o".to_owned()), (1, "m".repeat(8_000))] {
            let (calls, bytes) = kept(3_000, usages, &name).size();
            assert!(calls < MOST && (MOST_BYTES - 16_000..=MOST_BYTES).contains(&bytes), "{calls} calls in {bytes}");
        }
    }

    #[test]
    fn a_call_is_compared_once_it_is_priced() {
        let attributes = [("llm.provider", "openai"), ("llm.model_name", "gpt-4o")];
        let attributes = attributes.map(|(key, value)| KeyValue::new(key, value)).into_iter().collect();
        let ids = SpanIds::root(|_| true);
        let mut span = SpanRecord::new(Origin::Foreign("chat".into()), ids, SpanIds::NONE, attributes);
        let cost = Arc::new(CallCost::default());
        span.rare().late_cost = Some(Arc::clone(&cost));
        span.keep_usages(&[Usage::new(10, 2)]);
        let calls = ModelCalls::default();
        calls.add(&span);
        assert_eq!(calls.of("openai", "gpt-4o"), []);
        cost.add(Cost { nanos: NanoUsd(45_000), basis: PriceBasis::Priced });
        let priced = PricedCall { usages: vec![Usage::new(10, 2)], cost: NanoUsd(45_000) };
        assert_eq!(calls.of("openai", "gpt-4o"), [priced]);
        assert_eq!(calls.of("openai", "gpt-4o-mini"), []);
    }
}
