//! The traces that a request asks for.

use crate::outcome::Outcome;

use super::{KeptSpan, KeptTrace};

/// A choice of traces; what is `None` excludes nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct TraceFilter {
    pub(crate) outcome: Option<Outcome>,
    pub(crate) workflow: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) primitive: Option<String>,
    /// US dollars.
    pub(crate) cost: Range,
    pub(crate) seconds: Range,
    /// In lower case.
    pub(crate) text: Option<String>,
    /// Traces that changed after this position.
    pub(crate) after: Option<u64>,
    pub(crate) only_failed: bool,
}

/// A range with both ends included.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Range {
    pub(crate) least: Option<f64>,
    pub(crate) most: Option<f64>,
}

impl Range {
    fn is_open(self) -> bool {
        self.least.is_none() && self.most.is_none()
    }

    fn contains(self, value: f64) -> bool {
        self.least.is_none_or(|least| value >= least) && self.most.is_none_or(|most| value <= most)
    }
}

impl TraceFilter {
    pub(crate) fn takes(&self, trace: &KeptTrace) -> bool {
        let spans = || trace.spans();
        // The cheap questions come first.
        self.after.is_none_or(|after| trace.changed > after)
            && (!self.only_failed || trace.rank.failed_spans > 0)
            && self.outcome.is_none_or(|wanted| trace.root().and_then(KeptSpan::outcome) == Some(wanted))
            && (self.seconds.is_open() || self.seconds.contains(trace.duration_ns() as f64 / 1e9))
            && (self.cost.is_open() || trace.cost().is_some_and(|cost| self.cost.contains(cost as f64 / 1e9)))
            && self.workflow.as_deref().is_none_or(|wanted| spans().any(|span| span.workflow() == Some(wanted)))
            && self.model.as_deref().is_none_or(|wanted| spans().any(|span| span.model().as_deref() == Some(wanted)))
            && self
                .primitive
                .as_deref()
                .is_none_or(|wanted| spans().any(|span| span.primitive().as_deref() == Some(wanted)))
            && self.text.as_deref().is_none_or(|text| has_text(trace, text))
    }
}

/// Returns whether a text is in an id, a name, an error or the value of an attribute, those of events included.
fn has_text(trace: &KeptTrace, text: &str) -> bool {
    let has = |candidate: &str| candidate.to_lowercase().contains(text);
    if has(&trace.id.to_string()) {
        return true;
    }
    trace.spans().any(|span| {
        let record = span.0;
        let names = [Some(span.name()), span.primitive(), span.error_type().map(Into::into)];
        let of_workflow = record.workflow.as_deref().map(|workflow| {
            let ids = [
                workflow.workflow_id.as_deref(),
                workflow.workflow_name.as_deref(),
                workflow.session_id.as_deref(),
                workflow.correlation_id.as_deref(),
                workflow.agent_id.as_deref(),
                workflow.agent_type.as_deref(),
            ];
            let ids = ids.into_iter().flatten().any(has);
            ids || workflow.tags.values().any(|value| has(value))
        });
        names.iter().flatten().any(|name| has(name))
            || has(&record.ids.span_id().to_string())
            || record.error.as_deref().and_then(|error| error.message.as_deref()).is_some_and(has)
            || of_workflow.unwrap_or(false)
            || record.attributes.unpack().iter().any(|attribute| has(&attribute.value.as_str()))
            || record.events.as_deref().is_some_and(|events| {
                let values = events.events.iter().flat_map(|event| &event.attributes);
                events.events.iter().any(|event| has(&event.name))
                    || values.into_iter().any(|attribute| has(&attribute.value.as_str()))
            })
    })
}
