//! Parsing of the usage in a provider's response.

mod path;
mod shapes;

use serde_json::Value;

use self::shapes::{COSTS, Count, FINISH_REASONS, IDS, MODELS, OtherProviders, SERVICE_TIERS, SHAPES, Shape};
use super::nano_usd::NanoUsd;
use super::service_tier::ServiceTier;
use super::usage::Usage;

/// The largest plausible count of tokens; the largest models read about ten million.
const MOST_TOKENS: u64 = 1_000_000_000_000;

/// The largest plausible cost of a call, a million dollars.
const MOST_COST: NanoUsd = NanoUsd(1_000_000_000_000_000);

/// The longest identifier or name, in bytes; longer text is ignored.
const LONGEST_TEXT: usize = 256;

impl Usage {
    /// Parses the usage in a response, or in one event of a streamed response. Returns `None` if it reports no tokens.
    ///
    /// `provider` is the provider of the call, such as `openai`, `azure`, `anthropic`, `google`, `bedrock`, `cohere`, `mistral`
    /// or `ollama`. It resolves fields that providers use with different meanings. The shapes of OpenAI's chat completions
    /// and responses, Anthropic's messages, Gemini's `generateContent`, Bedrock's Converse, Cohere's chat and Ollama's chat are
    /// recognized for any provider, since gateways pass them on.
    ///
    /// Counts are normalized: the input includes tokens read from and written to a cache, the output includes reasoning.
    ///
    /// A count that is negative, fractional, above 10¹² or not a number is ignored. Without input tokens and output tokens
    /// there is no usage. No body makes this function panic.
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
        // Markers in the body take precedence over the provider's name: many providers serve Claude.
        let marked = SHAPES.iter().filter(|shape| shape.has_marker(body));
        let own = SHAPES.iter().filter(|shape| is_one_of(shape.providers));
        let others = SHAPES.iter().filter(|shape| matches!(shape.other_providers, OtherProviders::Always));
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

/// Reads the usage of a streamed response, event by event.
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
    /// Kept apart: the reasons may arrive before the counts.
    finish_reasons: Vec<String>,
}

impl UsageReader {
    /// Creates a reader for a response of this provider; see [`Usage::from_response`].
    #[must_use]
    pub fn new(provider: impl Into<String>) -> Self {
        Self { provider: provider.into(), usage: None, finish_reasons: Vec::new() }
    }

    /// Reads one event of the response; ignores events without usage.
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

    /// Returns the usage that the events so far report together, `None` if none reported tokens.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        let mut usage = self.usage.clone()?;
        usage.finish_reasons.clone_from(&self.finish_reasons);
        Some(usage)
    }
}

impl Shape {
    /// Returns whether the body has a marker that only this shape has.
    fn has_marker(&self, body: &Value) -> bool {
        matches!(self.other_providers, OtherProviders::WithMarker(marks) if marks.iter().any(|mark| path::first(body, mark).is_some()))
    }

    /// Reads the counts; `None` if the body has no input or output tokens in this shape.
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

/// The sums of the counts in a body.
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
        // Cache writes of unreported duration last 5 minutes, the default.
        usage.cache_write_5m_tokens =
            usage.cache_write_5m_tokens.max(written.saturating_sub(usage.cache_write_1h_tokens));
        usage.audio_input_tokens = usage.audio_input_tokens.saturating_sub(cached_audio);
        usage
    }
}

/// Parses a count of tokens; some providers write it as a float.
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
    /// The most choices of a response.
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
