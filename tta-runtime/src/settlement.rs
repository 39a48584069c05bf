//! What becomes of a call to a model: the model it asks by default, and the usage it reports.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::frame::with_current;
use crate::model::{ModelCall, ModelName, NanoUsd, Usage, price};
use crate::recorder::Recorder;
use crate::schema::Id;
use crate::span::{self, SpanRecord};
use crate::workflow::Facts;

/// Begins a call to the model that the call site names, or else to the workflow's default.
pub(crate) fn begin(
    provider: Option<&'static str>,
    model: Option<&'static str>,
    tier: Option<&'static str>,
    facts: Option<&Arc<Facts>>,
) -> ModelCall {
    let default = |given: Option<&'static str>, of: fn(&Facts) -> &Option<Arc<str>>| -> Option<Cow<'static, str>> {
        given.map(Cow::Borrowed).or_else(|| Some(Cow::Owned(of(facts?).as_deref()?.to_owned())))
    };
    let name = ModelName::new(default(provider, |facts| &facts.provider), default(model, |facts| &facts.model));
    ModelCall::new(name, default(tier, |facts| &facts.tier))
}

/// Reports the tokens that the current call to a model used; for functions with `usage = manual`.
///
/// Every report counts and is paid, also where the call fails or is cancelled afterwards. Returns whether there was a
/// call to report to: outside of an annotated function of type `llm` or `embedding` nothing is recorded.
///
/// ```
/// use tta_runtime::{llm, primitive};
///
/// #[primitive(type = "llm", action = "generate", provider = "openai", model = "gpt-4o-mini", usage = manual)]
/// fn answer() -> bool {
///     llm::record(llm::Usage::new(12, 3))
/// }
///
/// assert!(answer());
/// assert!(!llm::record(llm::Usage::new(12, 3)), "no call is running here");
/// ```
pub fn record(usage: Usage) -> bool {
    with_current(|frame| {
        let Some(model) = frame.model.as_mut() else { return false };
        settle(frame.recorder, model, frame.facts.as_ref(), frame.record.as_deref_mut(), usage);
        true
    })
    .unwrap_or(false)
}

/// Counts a usage: tokens, cost, savings of the route, and the span's attributes.
pub(crate) fn settle(
    recorder: &Recorder,
    call: &mut ModelCall,
    facts: Option<&Arc<Facts>>,
    span: Option<&mut SpanRecord>,
    usage: Usage,
) {
    let ModelName { provider, model } = &call.name;
    for (token_type, tokens) in usage.parts() {
        if tokens > 0 {
            recorder.add(Id::LlmTokens, &[provider, model, token_type], tokens);
        }
    }
    match price(provider, model, &usage) {
        Some(cost) => {
            call.cost = Some(NanoUsd(call.cost.unwrap_or_default().0.saturating_add(cost.0)));
            let labels = [provider, model, Facts::workflow_label(facts), Facts::agent_label(facts)];
            recorder.add(Id::LlmCost, &labels, cost.0);
            for ledger in facts.iter().flat_map(|facts| &facts.ledgers) {
                ledger.add(&call.name, cost);
            }
            if let Some(alternatives) = facts.and_then(|facts| facts.alternatives.as_deref())
                && alternatives.contains(&call.name)
            {
                let dearest =
                    alternatives.iter().filter_map(|other| price(&other.provider, &other.model, &usage)).max();
                let saved = dearest.map_or(0, |dearest| dearest.0.saturating_sub(cost.0));
                recorder.add(Id::LlmSavings, &[provider, model, "router"], saved);
            }
        }
        None if usage.total_tokens() > 0 => {
            recorder.add(Id::LlmUnpriced, &[provider, model], 1);
            warn_once(&call.name);
        }
        None => {}
    }
    call.reported.push(usage);
    if let Some(span) = span {
        span::set_response(span, &call.reported, call.cost);
    }
}

fn warn_once(name: &ModelName) {
    static WARNED: Mutex<BTreeSet<ModelName>> = Mutex::new(BTreeSet::new());
    let is_new = {
        let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
        // Bounded, since a program may make names up without end; the counter goes on in any case.
        warned.len() < 100 && warned.insert(name.clone())
    };
    if is_new {
        let ModelName { provider, model } = name;
        tracing::warn!(
            target: "tta::telemetry",
            %provider,
            %model,
            "these tokens cannot be priced: they are counted, and their cost is missing"
        );
    }
}
