//! The usage of the latest calls to models, to be priced anew.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ring::KeptSpan;
use crate::model::{CallCost, NanoUsd, Usage};
use crate::span::SpanRecord;

/// The latest calls, the oldest first.
#[derive(Default)]
pub(super) struct ModelCalls(Mutex<VecDeque<Call>>);

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

/// The most calls that are kept. One has at most 16 usages; those of calls with one each take about a megabyte.
pub(super) const MOST: usize = 2_048;

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
        let mut calls = self.lock();
        if calls.len() >= MOST {
            calls.pop_front();
        }
        calls.push_back(call);
    }

    /// Returns the calls of a model whose cost is known by now.
    pub(super) fn of(&self, provider: &str, model: &str) -> Vec<PricedCall> {
        let calls = self.lock();
        let own = calls.iter().filter(|call| call.provider == provider && call.model == model);
        own.filter_map(|call| Some(PricedCall { usages: call.usages.clone(), cost: call.cost.known()? })).collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Call>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

    use super::{ModelCalls, PricedCall};
    use crate::id::SpanIds;
    use crate::model::{CallCost, Cost, NanoUsd, PriceBasis, Usage};
    use crate::span::{Origin, SpanRecord};

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
