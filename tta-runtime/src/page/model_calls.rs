//! The usage of the latest calls to models, to be priced anew.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::ring::KeptSpan;
use crate::model::{NanoUsd, Usage};
use crate::span::SpanRecord;

/// The latest calls, the oldest first.
#[derive(Default)]
pub(super) struct ModelCalls(Mutex<VecDeque<PricedCall>>);

/// A call whose usage and cost are known.
#[derive(Clone, Debug)]
pub(super) struct PricedCall {
    pub(super) provider: String,
    pub(super) model: String,
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
        let Some(cost) = read.cost() else { return };
        let unknown = || "unknown".to_owned();
        let call = PricedCall {
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

    /// Returns the calls of a model.
    pub(super) fn of(&self, provider: &str, model: &str) -> Vec<PricedCall> {
        let calls = self.lock();
        calls.iter().filter(|call| call.provider == provider && call.model == model).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<PricedCall>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns what another model would be billed for: the answer's own texts and its reported cost are left out.
fn billed(usage: &Usage) -> Usage {
    Usage { cost: None, response_model: None, response_id: None, finish_reasons: Vec::new(), ..usage.clone() }
}
