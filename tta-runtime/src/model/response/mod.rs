//! The usage that a provider's response reports.

mod path;
mod shapes;

use serde_json::Value;

use self::shapes::{COSTS, Count, Elsewhere, FINISH_REASONS, IDS, MODELS, SERVICE_TIERS, SHAPES, Shape};
use super::nano_usd::NanoUsd;
use super::service_tier::ServiceTier;
use super::usage::Usage;

/// Numbers above this are no counts of tokens; the largest models read some ten million.
const MOST_TOKENS: u64 = 1_000_000_000_000;

/// A call that is said to cost more, a million dollars, is said so by mistake.
const MOST_COST: NanoUsd = NanoUsd(1_000_000_000_000_000);

/// Texts longer than this are no identifiers and no names.
const LONGEST_TEXT: usize = 256;

impl Usage {
    /// Reads what a response, or a part of a streamed one, reports; `None` where it reports no tokens.
    ///
    /// `provider` is the name that the call has, such as `openai`, `azure`, `anthropic`, `google`, `bedrock`, `cohere`,
    /// `mistral` or `ollama`. It decides where two providers write different things alike. The shapes of OpenAI's chat
    /// completions and responses, Anthropic's messages, Gemini's `generateContent`, Bedrock's Converse, Cohere's chat
    /// and Ollama's chat are read under any name, since gateways pass them on.
    ///
    /// What providers count differently becomes the same here: the input includes what a cache read or wrote, the
    /// output includes reasoning.
    ///
    /// A number that is negative, has a fraction, is above 10¹² or is no number counts as absent. Where there are
    /// neither tokens sent nor tokens received, there is no usage. It does not panic, whatever the body is.
    ///
    /// ```
    /// use tta_runtime::llm::Usage;
    ///
    /// let body = serde_json::json!({
    ///     "model": "claude-sonnet-4-5",
    ///     "usage": { "input_tokens": 500, "cache_read_input_tokens": 400, "output_tokens": 200 },
    /// });
    /// let usage = Usage::from_response("anthropic", &body).unwrap();
    /// assert_eq!((usage.input_tokens, usage.cached_input_tokens, usage.output_tokens), (900, 400, 200));
    /// assert_eq!(Usage::from_response("anthropic", &serde_json::json!({ "type": "ping" })), None);
    /// ```
    #[must_use]
    pub fn from_response(provider: &str, body: &Value) -> Option<Self> {
        let provider = provider.to_ascii_lowercase();
        let is_one_of = |names: &[&str]| names.iter().any(|name| provider.contains(name));
        // What a body shows itself to be goes before its provider's name: Claude is served by many.
        let marked = SHAPES.iter().filter(|shape| shape.is_marked(body));
        let own = SHAPES.iter().filter(|shape| is_one_of(shape.providers));
        let others = SHAPES.iter().filter(|shape| matches!(shape.elsewhere, Elsewhere::Yes));
        let counts = marked.chain(own).chain(others).find_map(|shape| shape.read(body))?;
        let mut usage = counts.usage();
        usage.response_model = text(body, MODELS);
        usage.response_id = text(body, IDS);
        usage.service_tier =
            SERVICE_TIERS.iter().find_map(|path| ServiceTier::from_name(path::first(body, path)?.as_str()?));
        usage.cost = COSTS.iter().filter(|(names, ..)| is_one_of(names)).find_map(|(_, path, one)| {
            let cost = path::first(body, path)?.as_f64()?;
            NanoUsd::from_usd(cost * one).filter(|cost| *cost <= MOST_COST)
        });
        usage.finish_reasons = finish_reasons(body);
        Some(usage)
    }
}

/// Reads the usage of a streamed response, part by part.
///
/// ```
/// use serde_json::json;
/// use tta_runtime::llm::UsageReader;
///
/// let mut reader = UsageReader::new("anthropic");
/// for event in [
///     json!({ "type": "message_start", "message": { "usage": { "input_tokens": 25, "output_tokens": 1 } } }),
///     json!({ "type": "content_block_delta", "delta": { "type": "text_delta", "text": "Bergen" } }),
///     json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 15 } }),
/// ] {
///     reader.read(&event);
/// }
/// let usage = reader.usage().unwrap();
/// assert_eq!((usage.input_tokens, usage.output_tokens), (25, 15));
/// ```
#[derive(Clone, Debug)]
pub struct UsageReader {
    provider: String,
    usage: Option<Usage>,
    /// Reasons may come before the part that has the counts.
    finish_reasons: Vec<String>,
}

impl UsageReader {
    /// Starts to read a response of this provider; see [`Usage::from_response`].
    #[must_use]
    pub fn new(provider: impl Into<String>) -> Self {
        Self { provider: provider.into(), usage: None, finish_reasons: Vec::new() }
    }

    /// Reads a part of the response; parts that report nothing are passed over.
    pub fn read(&mut self, part: &Value) {
        let reasons = finish_reasons(part);
        if !reasons.is_empty() {
            self.finish_reasons = reasons;
        }
        if let Some(usage) = Usage::from_response(&self.provider, part) {
            match &mut self.usage {
                Some(before) => before.merge(usage),
                before @ None => *before = Some(usage),
            }
        }
    }

    /// Returns what the parts that were read report together; `None` where none of them reported tokens.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        let mut usage = self.usage.clone()?;
        usage.finish_reasons.clone_from(&self.finish_reasons);
        Some(usage)
    }
}

impl Shape {
    /// Returns whether the body has what only bodies of this shape have.
    fn is_marked(&self, body: &Value) -> bool {
        matches!(self.elsewhere, Elsewhere::With(marks) if marks.iter().any(|mark| path::first(body, mark).is_some()))
    }

    /// Reads the counts; `None` where the body has none of tokens sent or received in this shape.
    fn read(&self, body: &Value) -> Option<Counts> {
        self.roots.iter().find_map(|root| {
            let root = path::first(body, root)?;
            let mut counts = Counts::default();
            for (path, kinds) in self.counts {
                path::each(root, path, &mut |number| {
                    if let Some(number) = count(number) {
                        kinds.iter().for_each(|kind| counts.add(*kind, number));
                    }
                });
            }
            counts.found.then_some(counts)
        })
    }
}

/// What a body's numbers add up to.
#[derive(Debug, Default)]
struct Counts {
    found: bool,
    usage: Usage,
    written: u64,
    cached_audio: u64,
}

impl Counts {
    fn add(&mut self, kind: Count, number: u64) {
        let usage = &mut self.usage;
        let sum = match kind {
            Count::Input => &mut usage.input_tokens,
            Count::Cached => &mut usage.cached_input_tokens,
            Count::Written => &mut self.written,
            Count::Written5m => &mut usage.cache_write_5m_tokens,
            Count::Written1h => &mut usage.cache_write_1h_tokens,
            Count::Audio => &mut usage.audio_input_tokens,
            Count::CachedAudio => &mut self.cached_audio,
            Count::Output => &mut usage.output_tokens,
            Count::Reasoning => &mut usage.reasoning_tokens,
            Count::AudioOutput => &mut usage.audio_output_tokens,
        };
        *sum = sum.saturating_add(number);
        self.found |= matches!(kind, Count::Input | Count::Output);
    }

    fn usage(self) -> Usage {
        let Self { mut usage, written, cached_audio, .. } = self;
        // What was written and is not said to be for an hour is for 5 minutes, the default.
        usage.cache_write_5m_tokens =
            usage.cache_write_5m_tokens.max(written.saturating_sub(usage.cache_write_1h_tokens));
        usage.audio_input_tokens = usage.audio_input_tokens.saturating_sub(cached_audio);
        usage
    }
}

/// Returns a number of tokens; some providers write it with a point.
fn count(number: &Value) -> Option<u64> {
    let whole = number.as_u64().or_else(|| {
        let number = number.as_f64()?;
        (number.fract() == 0.0 && (0.0..=MOST_TOKENS as f64).contains(&number)).then_some(number as u64)
    });
    whole.filter(|&number| number <= MOST_TOKENS)
}

fn text(body: &Value, paths: &[&str]) -> Option<String> {
    let text = paths.iter().find_map(|path| path::first(body, path)?.as_str())?;
    (!text.is_empty() && text.len() <= LONGEST_TEXT).then(|| text.to_owned())
}

fn finish_reasons(body: &Value) -> Vec<String> {
    /// A response has at most this many choices.
    const MOST_CHOICES: usize = 128;
    let mut reasons = Vec::new();
    for path in FINISH_REASONS {
        path::each(body, path, &mut |reason| {
            if let Some(reason) = reason.as_str().filter(|reason| (1..=LONGEST_TEXT).contains(&reason.len()))
                && reasons.len() < MOST_CHOICES
            {
                reasons.push(reason.to_owned());
            }
        });
        if !reasons.is_empty() {
            break;
        }
    }
    reasons
}

#[cfg(test)]
mod tests;
