//! A call that gives its output in pieces: when they came, and what they told of its usage.

use opentelemetry::KeyValue;

use super::{Call, Live};
use crate::call::verdict::End;
use crate::clock::Monotonic;
use crate::model::{ItemTimes, ModelCall};
use crate::outcome::Outcome;
use crate::schema::Id;
use crate::schema::genai;

impl Call {
    /// Notes that the output of the call is a stream.
    pub(crate) fn gives_pieces(&mut self) {
        if let Some(record) = self.0.as_mut().and_then(|live| live.frame.record.as_mut()) {
            record.streams = true;
        }
    }

    /// Takes from an item what it says of a model call. It is the call's from here on: whatever ends the call, a panic
    /// included, the tokens are counted.
    pub(crate) fn note_item(&mut self, told: &mut End<'_>) {
        let Some(live) = &mut self.0 else { return };
        let Some(call) = &mut live.frame.model else { return };
        if let Some(usage) = told.usage.take() {
            match &mut call.told {
                Some(known) => known.merge(usage),
                None => call.told = Some(usage),
            }
        }
        let now = live.frame.recorder.clock.now();
        match &mut call.items {
            Some(times) => times.latest = now,
            // An error is nothing that a reader could see.
            None if told.outcome.is_bad() => {}
            None => {
                call.items = Some(ItemTimes { first: now, latest: now });
                live.note_first_item(now);
            }
        }
    }
}

impl Live {
    fn note_first_item(&mut self, at: Monotonic) {
        let Some(call) = &self.frame.model else { return };
        let waited = at.since(self.start);
        let labels = [&*call.name.provider, &*call.name.model];
        self.frame.recorder.add(Id::LlmTimeToFirstToken, &labels, crate::clock::nanoseconds(waited));
        if let Some(record) = &mut self.frame.record {
            record.set(KeyValue::new(genai::RESPONSE_TIME_TO_FIRST_CHUNK, waited.as_secs_f64()));
        }
    }
}

/// Returns the time in nanoseconds that each token after the first took, where there are such tokens.
///
/// A stream that was read to its end took until then; one that was not, until its latest item, since how long its
/// reader kept it afterwards says nothing about the model.
pub(super) fn time_per_output_token(call: &ModelCall, outcome: Outcome, end: Monotonic) -> Option<u64> {
    let times = call.items?;
    let until = if outcome == Outcome::Success { end } else { times.latest };
    let tokens = call.reported.iter().fold(0_u64, |sum, usage| sum.saturating_add(usage.output_tokens));
    let after_the_first = tokens.checked_sub(1).filter(|tokens| *tokens > 0)?;
    Some(until.0.saturating_sub(times.first.0) / after_the_first)
}
