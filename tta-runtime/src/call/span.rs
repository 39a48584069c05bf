//! The span of a call: its start and its end.

use std::borrow::Cow;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use super::Live;
use crate::attribute::Attributes;
use crate::call::classification::CallEnd;
use crate::clock::Monotonic;
use crate::context::frame::with_current;
use crate::metric::Exemplar;
use crate::model::ModelCall;
use crate::outcome::Outcome;
use crate::schema::genai::SERVER_ADDRESS;
use crate::site::{LabelDef, Role};
use crate::span::{self, Origin, RootSampler, SpanError, SpanRecord};

/// The attributes of a span that are known at its start, not read yet.
struct StartAttributes<'a, A> {
    model: Option<&'a ModelCall>,
    defined: &'static [LabelDef],
    labels: &'a [&'static str],
    attributes: A,
}

impl<A: FnOnce(&mut Attributes)> StartAttributes<'_, A> {
    fn read(self) -> Vec<KeyValue> {
        let mut known = self.model.map(span::of_request).unwrap_or_default();
        for (label, &value) in self.defined.iter().zip(self.labels) {
            known.push(KeyValue::new(label.name, value));
        }
        let mut own = Attributes::default();
        // The expressions are user code: if one panics, the call continues without them.
        if catch_unwind(AssertUnwindSafe(|| (self.attributes)(&mut own))).is_ok() {
            known.extend(own.into_values());
        }
        known
    }
}

impl Live {
    /// Starts the span of the call, if its trace is sampled.
    pub(super) fn open_span(
        &mut self,
        sampler: &RootSampler,
        labels: &[&'static str],
        attributes: impl FnOnce(&mut Attributes),
    ) {
        let constants = &self.site.constants;
        let parent = self.frame.ids;
        let kind = if constants.role == Role::Model { SpanKind::Client } else { SpanKind::Internal };
        let known = Cell::new(None);
        let start =
            StartAttributes { model: self.frame.model.as_deref(), defined: constants.labels, labels, attributes };
        let start = Cell::new(Some(start));
        let ids = sampler.begin(parent, constants.span_name, &kind, || {
            let start = start.take().map(StartAttributes::read).unwrap_or_default();
            let all = span::of_site(constants).chain(start.iter().cloned()).collect();
            known.set(Some(start));
            all
        });
        let start = start.into_inner();
        self.frame.ids = ids;
        if !ids.is_sampled() {
            return;
        }
        let attributes = known.into_inner().or_else(|| Some(start?.read())).unwrap_or_default();
        let origin = Origin::Call { constants, caller: self.frame.caller };
        let mut record = SpanRecord::new(Cow::Borrowed(constants.span_name), origin, ids, parent);
        let is_remote = |attributes: &[KeyValue]| attributes.iter().any(|known| known.key.as_str() == SERVER_ADDRESS);
        // A tool call that names its server is a client span, as a request to that server.
        record.kind = if constants.role == Role::Tool && is_remote(&attributes) { SpanKind::Client } else { kind };
        record.workflow.clone_from(&self.frame.workflow);
        record.attributes = attributes;
        record.streams = span::streams(constants);
        self.frame.record = Some(Box::new(record));
    }

    /// Ends the span and queues it for export.
    pub(super) fn end_span(
        &self,
        mut record: Box<SpanRecord>,
        at: Monotonic,
        outcome: Outcome,
        error: Option<Cow<'static, str>>,
        end: &mut CallEnd,
    ) {
        let recorder = self.frame.recorder;
        record.end = at;
        record.outcome = Some(outcome);
        record.error = error.map(|kind| {
            let message = end.message.take().map(|message| recorder.redact(&message));
            let inner = record.inner_error.take();
            let is_propagated = inner.filter(|inner| !inner.is_empty()).is_some_and(|inner| {
                // `inner` is a redacted message, or the error's type if it had none.
                let own = message.as_deref().unwrap_or(&kind);
                own.contains(&inner) || end.causes.iter().any(|cause| recorder.redact(cause).contains(&inner))
            });
            SpanError { kind, message, is_origin: !is_propagated }
        });
        let span = record.ids;
        if let Some(error) = &record.error {
            let text = error.message.clone().unwrap_or_else(|| error.kind.clone().into_owned());
            with_current(|caller| {
                if let Some(record) = &mut caller.record {
                    record.inner_error = Some(text);
                }
            });
        }
        let nanoseconds = at.0.saturating_sub(self.start.0);
        self.cell.set_exemplar(Exemplar { span, nanoseconds, at: recorder.clock.anchor().wall(at) });
        recorder.spans.push(record);
    }
}
