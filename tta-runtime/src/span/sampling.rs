//! Whether a trace is recorded.

use std::panic::{AssertUnwindSafe, catch_unwind};

use opentelemetry::trace::{SpanContext, SpanKind, TraceContextExt, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, ShouldSample};

use crate::id::SpanIds;

/// Decides about a trace at its first span in this process; the spans below follow it.
#[derive(Debug)]
pub(crate) enum RootSampler {
    /// One that decides by the trace alone, and need not be told the span's attributes.
    Plain(Sampler),
    /// The program's own.
    Own(Box<dyn ShouldSample>),
}

impl RootSampler {
    pub(crate) fn parent_based(root: Sampler) -> Self {
        Self::Plain(Sampler::ParentBased(Box::new(root)))
    }

    /// Names a new span under `parent`, and decides about its trace where it is the trace's first span here; only then
    /// are its attributes asked for, and only where the sampler may look at them.
    pub(crate) fn begin(
        &self,
        parent: SpanIds,
        name: &str,
        kind: &SpanKind,
        attributes: impl FnOnce() -> Vec<KeyValue>,
    ) -> SpanIds {
        if !parent.is_some() {
            return SpanIds::root(|trace| self.samples(None, trace, name, kind, attributes));
        }
        if !parent.is_remote() {
            // Decided when the trace began; asking again could only tear it apart.
            return parent.child();
        }
        let remote = parent.to_otel(TraceState::default());
        let sampled = self.samples(Some(&remote), parent.trace_id(), name, kind, attributes);
        parent.child().with_sampled(sampled)
    }

    fn samples(
        &self,
        remote_parent: Option<&SpanContext>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: impl FnOnce() -> Vec<KeyValue>,
    ) -> bool {
        let parent = remote_parent.map(|parent| Context::new().with_remote_span_context(parent.clone()));
        let ask = || {
            let parent = parent.as_ref();
            match self {
                Self::Plain(sampler) => sampler.should_sample(parent, trace, name, kind, &[], &[]).decision,
                Self::Own(sampler) => sampler.should_sample(parent, trace, name, kind, &attributes(), &[]).decision,
            }
        };
        // The sampler may be the user's: should it panic, the trace is not recorded and the call goes on.
        catch_unwind(AssertUnwindSafe(ask)).is_ok_and(|decision| decision == SamplingDecision::RecordAndSample)
    }
}
