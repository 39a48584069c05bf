//! A call whose output is a stream: the times of its items, and the usage that they report.

use opentelemetry::KeyValue;

use super::{Call, Live, conventions};
use crate::call::classification::{CallEnd, Content};
use crate::clock::Monotonic;
use crate::model::{ItemTimes, ModelCall};
use crate::outcome::Outcome;
use crate::schema::Id;
use crate::schema::genai;

impl Call {
    /// Marks the call's span: its output is a stream.
    pub(crate) fn mark_streaming(&mut self) {
        if let Some(record) = self.0.as_mut().and_then(|live| live.frame.record.as_mut()) {
            record.streams = true;
        }
    }

    /// Moves the usage that an item reported into the model call, and records the item's time.
    ///
    /// The call owns the usage from then on: its tokens are counted even if the call panics.
    pub(crate) fn record_item(&mut self, end: &mut CallEnd) {
        let Some(live) = &mut self.0 else { return };
        let constants = &live.site().constants;
        let Some(call) = &mut live.frame.model else { return };
        if let Some(usage) = end.usage.take() {
            match &mut call.streamed_usage {
                Some(known) => known.merge(usage),
                None => call.streamed_usage = Some(usage),
            }
        }
        let now = live.frame.recorder.clock.now();
        match &mut call.items {
            Some(times) => {
                let waited = now.0.saturating_sub(std::mem::replace(&mut times.latest, now).0);
                // The item of an error is no output.
                if !end.outcome.is_bad() {
                    let operation = genai::operation(constants.primitive_type, constants.action).unwrap_or_default();
                    conventions::count_chunk(live.frame.recorder, operation, call, waited);
                }
            }
            // An error is no output, and a start or a ping no content: they do not stop the time to the first token.
            None if end.outcome.is_bad() || end.content == Content::Missing => {}
            None => {
                end.content = Content::Seen;
                call.items = Some(ItemTimes { first: now, latest: now });
                live.record_first_item(now);
            }
        }
    }
}

impl Live {
    fn record_first_item(&mut self, at: Monotonic) {
        let Some(call) = &self.frame.model else { return };
        let waited = at.since(self.start);
        let labels = [&*call.name.provider, &*call.name.model];
        let recorder = self.frame.recorder;
        recorder.add_of(call.sampled(recorder), Id::LlmTimeToFirstToken, &labels, crate::clock::nanoseconds(waited));
        if let Some(record) = &mut self.frame.record {
            record.set(KeyValue::new(genai::RESPONSE_TIME_TO_FIRST_CHUNK, waited.as_secs_f64()));
        }
    }
}

/// Returns the mean time of the output tokens after the first, in nanoseconds; `None` without such tokens.
///
/// A stream that was read to its end counts up to that end. Any other counts up to its latest item: how long its reader
/// kept it afterwards says nothing about the model.
pub(super) fn time_per_output_token(call: &ModelCall, outcome: Outcome, end: Monotonic) -> Option<u64> {
    let times = call.items?;
    let until = if outcome == Outcome::Success { end } else { times.latest };
    let tokens = call.reported.iter().fold(0_u64, |sum, usage| sum.saturating_add(usage.output_tokens));
    let later_tokens = tokens.checked_sub(1).filter(|tokens| *tokens > 0)?;
    Some(until.0.saturating_sub(times.first.0) / later_tokens)
}
