//! Sampling: whether a trace is recorded.

use std::borrow::Cow;

use opentelemetry::trace::{SpanContext, SpanKind, TraceContextExt, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, ShouldSample};

use crate::id::SpanIds;
use crate::panics::caught;

/// Samples a trace at its first span in this process; child spans share the decision.
#[derive(Debug)]
pub(crate) enum RootSampler {
    /// A sampler that reads nothing of the span.
    Plain(Sampler),
    /// The program's own sampler, which may read what is known of the span.
    Custom(Box<dyn ShouldSample>),
}

/// What is known of a span at its start, as a sampler sees it.
pub(crate) struct SpanStart {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: SpanKind,
    pub(crate) attributes: Vec<KeyValue>,
}

impl RootSampler {
    pub(crate) fn parent_based(root: Sampler) -> Self {
        Self::Plain(Sampler::ParentBased(Box::new(root)))
    }

    /// Returns whether it is decided already if the trace of a span is recorded: a second decision could only split it.
    #[inline]
    pub(crate) fn is_decided(span: &SpanIds) -> bool {
        span.is_some() && !span.is_remote()
    }

    /// Returns the identifiers of a new span under `parent`; samples its trace if the span is the first here.
    ///
    /// `start` runs only if a custom sampler is asked.
    pub(crate) fn begin(&self, parent: SpanIds, start: impl FnOnce() -> SpanStart) -> SpanIds {
        if Self::is_decided(&parent) {
            return parent.child();
        }
        if !parent.is_some() {
            return SpanIds::root(|trace| self.samples(None, trace, start));
        }
        let remote = parent.to_otel(TraceState::default());
        let sampled = self.samples(Some(&remote), parent.trace_id(), start);
        parent.child().with_sampled(sampled)
    }

    fn samples(&self, remote_parent: Option<&SpanContext>, trace: TraceId, start: impl FnOnce() -> SpanStart) -> bool {
        let parent = remote_parent.map(|parent| Context::new().with_remote_span_context(parent.clone()));
        let ask = || {
            let parent = parent.as_ref();
            match self {
                Self::Plain(sampler) => {
                    sampler.should_sample(parent, trace, "", &SpanKind::Internal, &[], &[]).decision
                }
                Self::Custom(sampler) => {
                    let SpanStart { name, kind, attributes } = start();
                    sampler.should_sample(parent, trace, &name, &kind, &attributes, &[]).decision
                }
            }
        };
        // The sampler may be user code: if it panics, the trace is not recorded and the call continues.
        caught(ask).is_some_and(|decision| decision == SamplingDecision::RecordAndSample)
    }
}
