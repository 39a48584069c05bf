//! The recording of a model call's usage: its tokens, its cost, its savings.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::context::frame::with_current;
use crate::host_log::catch_panic;
use crate::label::top::top;
use crate::metric::Sampled;
use crate::model::{CallCost, DECODING, ModelCall, ModelName, PriceBasis, Prices, Usage, WorkflowRun};
use crate::recorder::Recorder;
use crate::schema::Id;
use crate::site::ModelCells;
use crate::span::{self, SpanRecord};
use crate::workflow_attributes::WorkflowAttributes;

/// Begins a call of the model that the call site names, or of the workflow's default.
pub(crate) fn begin(
    provider: Option<&'static str>,
    model: Option<&'static str>,
    tier: Option<&'static str>,
    workflow: Option<&Arc<WorkflowAttributes>>,
) -> ModelCall {
    let default =
        |given: Option<&'static str>, of: fn(&WorkflowAttributes) -> &Option<Arc<str>>| -> Option<Cow<'static, str>> {
            given.map(Cow::Borrowed).or_else(|| Some(Cow::Owned(of(workflow?).as_deref()?.to_owned())))
        };
    let name = ModelName::of_known(
        default(provider, |workflow| &workflow.provider),
        default(model, |workflow| &workflow.model),
    );
    ModelCall::new(name, default(tier, |workflow| &workflow.tier))
}

/// Records the tokens that the current model call used, for functions with `usage = manual`.
///
/// Every report counts, even if the call fails or is cancelled later. Returns false, and records nothing, outside of an
/// annotated function of type `llm` or `embedding`.
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
        // A borrowed model call has no record in this frame: the record belongs to a block inside the call.
        let span = if frame.model_is_borrowed { None } else { frame.record.as_deref_mut() };
        record_usage(frame.recorder, model, frame.workflow.as_ref(), span, usage);
        true
    })
    .unwrap_or(false)
}

/// Says that the current model call failed before its request was sent, so that it used nothing.
///
/// A [`Reservation`](super::Reservation) around the call then gives its amount back, although the call reports no usage. Returns
/// false, and does nothing, outside of an annotated function of type `llm` or `embedding`.
///
/// ```
/// use tta_runtime::{llm, primitive};
///
/// #[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = manual)]
/// fn ask(question: &str) -> Result<String, &'static str> {
///     if question.is_empty() {
///         llm::not_sent();
///         return Err("there is no question");
///     }
///     llm::record(llm::Usage::new(12, 3));
///     Ok("Bergen".into())
/// }
///
/// assert!(ask("").is_err());
/// assert!(!llm::not_sent(), "no call is running here");
/// ```
pub fn not_sent() -> bool {
    with_current(|frame| frame.model.as_mut().map(|model| model.was_not_sent = true)).flatten().is_some()
}

/// Counts a usage: its tokens now, its cost as soon as the prices are decoded.
pub(crate) fn record_usage(
    recorder: &'static Recorder,
    call: &mut ModelCall,
    workflow: Option<&Arc<WorkflowAttributes>>,
    span: Option<&mut SpanRecord>,
    usage: Usage,
) {
    let ModelName { provider, model } = &call.name;
    let sampled = call.sampled(recorder);
    for (place, (token_type, tokens)) in usage.parts().into_iter().enumerate() {
        if tokens > 0 {
            let near = call.cells.and_then(|cells| cells.tokens.get(place));
            recorder.add_near(near, sampled, Id::LlmTokens, &[provider, model, token_type], tokens);
        }
    }
    if let Some(run) = &call.run {
        run.add_tokens(&usage);
    }
    for ledger in workflow.iter().flat_map(|workflow| &workflow.ledgers) {
        ledger.add_tokens(usage.total_tokens());
    }
    let prices = DECODING.decoded();
    match &prices {
        Some(prices) => {
            let payers = Payers { workflow, run: call.run.as_deref(), cells: call.cells, sampled };
            charge_cost(prices, recorder, &call.name, payers, &usage, &call.cost);
        }
        None => {
            let (name, workflow, run) = (call.name.clone(), workflow.cloned(), call.run.clone());
            let (usage, cost, cells) = (usage.clone(), Arc::clone(&call.cost), call.cells);
            DECODING.when_decoded(move |prices| {
                let payers = Payers { workflow: workflow.as_ref(), run: run.as_deref(), cells, sampled };
                charge_cost(prices, recorder, &name, payers, &usage, &cost);
            });
        }
    }
    // Most calls report once: room for four, as a vector takes by itself, would be the largest allocation of the call.
    if call.reported.is_empty() {
        call.reported.reserve_exact(1);
    }
    call.reported.push(usage);
    if let Some(span) = span {
        span::set_response(span, &call.reported, &call.cost);
        if prices.is_none() {
            span.rare().late_cost = Some(Arc::clone(&call.cost));
        }
    }
}

impl ModelCall {
    /// Returns the call as an exemplar at this time, if its trace is sampled.
    pub(crate) fn sampled(&self, recorder: &Recorder) -> Option<Sampled> {
        self.span.map(|span| Sampled { span, at: recorder.clock.now() })
    }
}

/// Counts a model call that ended by the basis of its cost, as soon as its cost is known.
pub(crate) fn count_by_price(
    recorder: &'static Recorder,
    call: &ModelCall,
    workflow: Option<&Arc<WorkflowAttributes>>,
) {
    let (was_not_sent, cells, sampled) = (call.was_not_sent, call.cells, call.sampled(recorder));
    if DECODING.is_decoded() {
        let payers = Payers { workflow, run: call.run.as_deref(), cells, sampled };
        return count_basis(recorder, &call.name, payers, &call.cost, was_not_sent);
    }
    // The deferred charges of the call run before.
    let (name, cost, workflow, run) = (call.name.clone(), Arc::clone(&call.cost), workflow.cloned(), call.run.clone());
    DECODING.when_decoded(move |_| {
        let payers = Payers { workflow: workflow.as_ref(), run: run.as_deref(), cells, sampled };
        count_basis(recorder, &name, payers, &cost, was_not_sent);
    });
}

/// Counts a model call by the basis of its cost, which is known.
fn count_basis(recorder: &'static Recorder, name: &ModelName, payers: Payers<'_>, cost: &CallCost, was_not_sent: bool) {
    let Payers { workflow, run, cells, sampled } = payers;
    let basis = cost.basis().unwrap_or(PriceBasis::NoUsage);
    let near = cells.map(|cells| &cells.by_price);
    recorder.add_near(near, sampled, Id::LlmCallsByPrice, &[&name.provider, &name.model, basis.as_str()], 1);
    if let Some(run) = run {
        if basis == PriceBasis::NoUsage && !was_not_sent {
            run.add_cost(CallCost::add_no_usage);
        }
        run.leave();
    }
    for ledger in workflow.iter().flat_map(|workflow| &workflow.ledgers) {
        ledger.end_call(basis, was_not_sent);
    }
}

/// The number of tenants whose cost has a series each.
const TENANTS: usize = 20;

/// Everything besides the model that counts the cost of a call.
#[derive(Clone, Copy, Default)]
struct Payers<'a> {
    workflow: Option<&'a Arc<WorkflowAttributes>>,
    run: Option<&'a WorkflowRun>,
    cells: Option<&'static ModelCells>,
    sampled: Option<Sampled>,
}

/// Counts the cost of a usage, and the savings of the enclosing router.
fn charge_cost(
    prices: &Prices,
    recorder: &'static Recorder,
    name: &ModelName,
    payers: Payers<'_>,
    usage: &Usage,
    call_cost: &CallCost,
) {
    if usage.is_empty() {
        return;
    }
    let Payers { workflow, run, cells, sampled } = payers;
    let ModelName { provider, model } = name;
    let Some(cost) = prices.cost(name, usage) else {
        call_cost.add_unpriced();
        if let Some(run) = run {
            run.add_cost(CallCost::add_unpriced);
        }
        recorder.add_of(sampled, Id::LlmUnpriced, &[provider, model], 1);
        warn_once(name);
        return;
    };
    call_cost.add(cost);
    if let Some(run) = run {
        run.add_cost(|sum| sum.add(cost));
    }
    let unexplained = prices.unexplained(name, usage, cost);
    let cost = cost.nanos;
    if let Some(cells) = cells {
        cells.cost.add(cost.0);
    }
    let labels =
        [provider, model, WorkflowAttributes::workflow_label(workflow), WorkflowAttributes::agent_label(workflow)];
    recorder.add_near(cells.map(|cells| &cells.cost_of_model), sampled, Id::LlmCost, &labels, cost.0);
    if let Some(tenant) = workflow.and_then(|workflow| workflow.tenant.as_deref()) {
        let tenant = top("cost_by_tenant", TENANTS, tenant, cost.0);
        recorder.add_of(sampled, Id::LlmCostByTenant, &[tenant], cost.0);
    }
    if let Some(run) = workflow.and_then(|workflow| workflow.agent_run.as_ref()) {
        run.add_cost(cost);
    }
    for ledger in workflow.iter().flat_map(|workflow| &workflow.ledgers) {
        ledger.add(name, cost, unexplained);
    }
    if let Some(alternatives) = workflow.and_then(|workflow| workflow.alternatives.as_deref())
        && alternatives.contains(name)
    {
        let dearest = alternatives.iter().filter_map(|other| prices.price(other, usage)).max();
        let saved = dearest.map_or(0, |dearest| dearest.0.saturating_sub(cost.0));
        recorder.add_of(sampled, Id::LlmSavings, &[provider, model, "router"], saved);
        if let Some(cells) = cells {
            cells.saved.add(saved);
        }
    }
}

/// Logs a warning for the first usage of a model without a price.
fn warn_once(name: &ModelName) {
    static WARNED: Mutex<BTreeSet<ModelName>> = Mutex::new(BTreeSet::new());
    let is_new = {
        let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
        // Bounded: names may come from input without bound. The counter goes on.
        warned.len() < 100 && warned.insert(name.clone())
    };
    if is_new {
        let ModelName { provider, model } = name;
        catch_panic(|| {
            tracing::warn!(
                target: "tta::telemetry",
                %provider,
                %model,
                "this model has no price: its tokens are counted, their cost is missing"
            );
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{CallCost, ModelName, Payers, Prices, Usage, charge_cost};
    use crate::clock::Clock;
    use crate::model::NanoUsd;
    use crate::recorder::Recorder;
    use crate::schema::Id;
    use crate::snapshot::{Snapshot, Value};
    use crate::workflow_attributes::WorkflowAttributes;

    #[test]
    fn a_million_costs_sum_up_exactly() {
        let recorder = Recorder::isolated(Clock::System);
        let (prices, cost) = (Prices::of(None, None), CallCost::default());
        let name = ModelName::new("openai", "gpt-4o");
        let usage = Usage { cost: Some(NanoUsd(4_995_001)), ..Usage::new(1_000, 200) };
        for _ in 0..1_000_000 {
            charge_cost(&prices, recorder, &name, Payers::default(), &usage, &cost);
        }
        assert_eq!(cost.known(), Some(NanoUsd(4_995_001_000_000)));
        let rows = Snapshot::take(recorder).rows(Id::LlmCost).series.clone();
        assert_eq!(rows.into_iter().map(|row| row.value).collect::<Vec<_>>(), [Value::Number(4_995.001)]);
    }

    #[test]
    fn a_route_saves_the_difference_of_the_prices_at_the_same_usage() {
        let recorder = Recorder::isolated(Clock::System);
        let prices = Prices::of(Some(genai_prices::Calculator::bundled()), None);
        let name = |model| ModelName::new("anthropic", model);
        let alternatives = ["claude-sonnet-4-5", "claude-haiku-4-5"].map(name);
        let workflow =
            Arc::new(WorkflowAttributes { alternatives: Some(alternatives.into()), ..WorkflowAttributes::default() });
        // $0.00174 instead of $0.00522: a third of each price, including the cache write for an hour.
        let usage = Usage { cached_input_tokens: 400, cache_write_1h_tokens: 100, ..Usage::new(1_000, 200) };
        let payers = Payers { workflow: Some(&workflow), ..Payers::default() };
        charge_cost(&prices, recorder, &name("claude-haiku-4-5"), payers, &usage, &CallCost::default());
        let rows = Snapshot::take(recorder).rows(Id::LlmSavings).series.clone();
        assert_eq!(rows.into_iter().map(|row| row.value).collect::<Vec<_>>(), [Value::Number(0.003_48)]);
    }
}
