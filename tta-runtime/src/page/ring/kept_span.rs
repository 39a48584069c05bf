//! What the page says of a span that it keeps.

use std::borrow::Cow;

use opentelemetry::Value;

use crate::model::{NanoUsd, PriceBasis};
use crate::outcome::Outcome;
use crate::schema::genai;
use crate::span::{Origin, SpanRecord};

/// The names of attributes that only blocks and calls of this library set.
const NAME: &str = "primitive.name";
const TYPE: &str = "primitive.type";
const MODEL: &str = "llm.model_name";
const PROVIDER: &str = "llm.provider";
const COST: &str = "llm.cost_usd";
const BASIS: &str = "llm.cost.basis";

/// Reads a record.
#[derive(Clone, Copy)]
pub(crate) struct KeptSpan<'a>(pub(crate) &'a SpanRecord);

impl<'a> KeptSpan<'a> {
    fn text(self, key: &str) -> Option<String> {
        self.0.attributes.get(key).map(|value| value.as_str().into_owned())
    }

    fn count(self, key: &str) -> Option<u64> {
        match self.0.attributes.get(key)? {
            Value::I64(number) => u64::try_from(number).ok(),
            _ => None,
        }
    }

    fn seconds(self, key: &str) -> Option<f64> {
        match self.0.attributes.get(key)? {
            Value::F64(seconds) => Some(seconds),
            _ => None,
        }
    }

    /// Returns the primitive's name; `None` for a span of another library.
    pub(crate) fn primitive(self) -> Option<Cow<'a, str>> {
        match &self.0.origin {
            Origin::Call { constants, .. } => Some(Cow::Borrowed(constants.name)),
            #[cfg(feature = "blocks")]
            Origin::Block(_) => self.text(NAME).map(Cow::Owned),
            Origin::Foreign(_) => self.text(NAME).map(Cow::Owned),
        }
    }

    pub(crate) fn primitive_type(self) -> Option<Cow<'a, str>> {
        match &self.0.origin {
            Origin::Call { constants, .. } => Some(Cow::Borrowed(constants.primitive_type)),
            #[cfg(feature = "blocks")]
            Origin::Block(_) => self.text(TYPE).map(Cow::Owned),
            Origin::Foreign(_) => self.text(TYPE).map(Cow::Owned),
        }
    }

    /// Returns the name of the span as it is exported.
    pub(crate) fn name(self) -> Cow<'a, str> {
        match &self.0.origin {
            Origin::Call { constants, .. } => {
                let own = self.0.rare.as_deref().and_then(|rare| rare.name.as_deref());
                Cow::Borrowed(own.unwrap_or(constants.span_name))
            }
            #[cfg(feature = "blocks")]
            Origin::Block(name) => Cow::Borrowed(&**name),
            Origin::Foreign(name) => Cow::Borrowed(&**name),
        }
    }

    pub(crate) fn duration_ns(self) -> u64 {
        self.0.end.0.saturating_sub(self.0.start.0)
    }

    /// Returns whether the span ended in failure, timeout or panic.
    pub(crate) fn is_failed(self) -> bool {
        match self.0.outcome {
            Some(outcome) => outcome.is_bad(),
            None => self.0.error.is_some(),
        }
    }

    pub(crate) fn outcome(self) -> Option<Outcome> {
        self.0.outcome
    }

    pub(crate) fn error_type(self) -> Option<&'a str> {
        self.0.error.as_deref().map(|error| &*error.kind)
    }

    /// Returns whether its parent is no span of this process.
    pub(crate) fn is_root(self) -> bool {
        !self.0.parent.is_some() || self.0.parent.is_foreign()
    }

    pub(crate) fn workflow(self) -> Option<&'a str> {
        self.0.workflow.as_deref().and_then(|workflow| workflow.workflow_name.as_deref())
    }

    /// Returns whether the span may be a call to a model.
    fn may_ask_model(self) -> bool {
        match &self.0.origin {
            Origin::Call { constants, .. } => constants.role == crate::site::Role::Model,
            #[cfg(feature = "blocks")]
            Origin::Block(_) => false,
            Origin::Foreign(_) => true,
        }
    }

    pub(crate) fn model(self) -> Option<String> {
        self.may_ask_model().then(|| self.text(MODEL).or_else(|| self.text(genai::REQUEST_MODEL)))?
    }

    pub(crate) fn provider(self) -> Option<String> {
        self.may_ask_model().then(|| self.text(PROVIDER).or_else(|| self.text(genai::PROVIDER_NAME)))?
    }

    /// Returns the input tokens, cached ones among them, and the output tokens.
    pub(crate) fn tokens(self) -> [u64; 3] {
        if !self.may_ask_model() {
            return [0; 3];
        }
        let keys = [genai::USAGE_INPUT_TOKENS, genai::USAGE_CACHE_READ, genai::USAGE_OUTPUT_TOKENS];
        keys.map(|key| self.count(key).unwrap_or(0))
    }

    /// Returns the span's own cost, `None` if it has none or it is not known.
    pub(crate) fn cost(self) -> Option<NanoUsd> {
        if !self.may_ask_model() {
            return None;
        }
        let late = self.0.late_cost().and_then(|cost| cost.known());
        late.or_else(|| self.seconds(COST).and_then(NanoUsd::from_usd))
    }

    pub(crate) fn cost_basis(self) -> Option<Cow<'a, str>> {
        if !self.may_ask_model() {
            return None;
        }
        let late = self.0.late_cost().and_then(|cost| cost.basis()).map(PriceBasis::as_str);
        late.map(Cow::Borrowed).or_else(|| self.text(BASIS).map(Cow::Owned))
    }

    pub(crate) fn cache_hit(self) -> Option<bool> {
        match self.0.attributes.get("cache.hit")? {
            Value::Bool(is_hit) => Some(is_hit),
            _ => None,
        }
    }

    /// Returns the number of an attempt, counted from 1.
    pub(crate) fn retry_attempt(self) -> Option<u64> {
        self.count("retry.attempt").map(|attempt| attempt + 1)
    }

    /// Returns the time from the start of the span to the first content of its stream.
    pub(crate) fn first_token_ns(self) -> Option<u64> {
        self.seconds(genai::RESPONSE_TIME_TO_FIRST_CHUNK).map(|seconds| (seconds * 1e9).round() as u64)
    }

    pub(crate) fn has_content(self) -> bool {
        let has_event = || {
            let events = self.0.events.as_deref().map(|events| &*events.events).unwrap_or_default();
            events.iter().any(|event| event.name == genai::OPERATION_DETAILS)
        };
        genai::CONTENT.iter().any(|key| self.0.attributes.contains(key)) || has_event()
    }

    /// Returns the number of events, that of the error among them.
    pub(crate) fn events(self) -> usize {
        let own = self.0.events.as_deref().map_or(0, |events| events.events.len());
        own + usize::from(self.0.error.as_deref().is_some_and(|error| error.is_origin))
    }
}
