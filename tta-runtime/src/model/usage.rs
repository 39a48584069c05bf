//! The tokens that one call to a model used.

use super::nano_usd::NanoUsd;
use super::service_tier::ServiceTier;

/// Tokens used by one call to a model.
///
/// `input_tokens` and `output_tokens` are whole; the other counts are parts of them. Parts that are more than their
/// whole are cut, in the order of the fields, where tokens are counted and priced.
///
/// Further parts may be added: write what you know and take the rest from [`new`](Self::new).
///
/// ```
/// use tta_runtime::llm::Usage;
///
/// let usage = Usage { cached_input_tokens: 400, ..Usage::new(1_000, 200) };
/// assert_eq!(usage.total_tokens(), 1_200);
/// ```
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens sent, cached ones included.
    pub input_tokens: u64,
    /// Tokens received, those of reasoning included.
    pub output_tokens: u64,
    /// Part of the input: tokens that the provider read from its cache.
    pub cached_input_tokens: u64,
    /// Part of the input: tokens that the provider wrote to its cache for 5 minutes, or for as long as it does where
    /// it knows one duration only.
    pub cache_write_5m_tokens: u64,
    /// Part of the input: tokens that the provider wrote to its cache for an hour.
    pub cache_write_1h_tokens: u64,
    /// Part of the input: tokens of sound that were neither read from the cache nor written to it.
    pub audio_input_tokens: u64,
    /// Part of the output: tokens of reasoning that the answer does not show.
    pub reasoning_tokens: u64,
    /// Part of the output: tokens of sound.
    pub audio_output_tokens: u64,
    /// What the provider says that the call cost; it stands in for the price of the tokens.
    pub cost: Option<NanoUsd>,
    /// How the request was served, where the response says so.
    pub service_tier: Option<ServiceTier>,
    /// The model that answered, where the response names it.
    pub response_model: Option<String>,
    /// The response's identifier.
    pub response_id: Option<String>,
    /// Why the model stopped, one entry per choice.
    pub finish_reasons: Vec<String>,
}

/// Tokens that may have a price of their own; each token is of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Input,
    CachedInput,
    CacheWrite5m,
    CacheWrite1h,
    AudioInput,
    Output,
    Reasoning,
    AudioOutput,
}

impl TokenKind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Input,
        Self::CachedInput,
        Self::CacheWrite5m,
        Self::CacheWrite1h,
        Self::AudioInput,
        Self::Output,
        Self::Reasoning,
        Self::AudioOutput,
    ];
}

impl Usage {
    /// Makes a usage of this many tokens sent and received.
    #[must_use]
    pub fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self { input_tokens, output_tokens, ..Self::default() }
    }

    /// Returns the tokens sent and received.
    #[must_use]
    pub fn total_tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// Returns the tokens that the provider wrote to its cache, for however long.
    #[must_use]
    pub fn cache_write_tokens(&self) -> u64 {
        self.cache_write_5m_tokens.saturating_add(self.cache_write_1h_tokens)
    }

    /// Adds what a later part of the same response says: the larger of the two counts of each kind, since providers
    /// count from the beginning in each part, and its texts where it has any.
    ///
    /// ```
    /// use tta_runtime::llm::Usage;
    ///
    /// let mut usage = Usage::new(1_000, 1);
    /// usage.merge(Usage { finish_reasons: vec!["end_turn".into()], ..Usage::new(0, 200) });
    /// assert_eq!((usage.input_tokens, usage.output_tokens), (1_000, 200));
    /// ```
    pub fn merge(&mut self, later: Self) {
        self.input_tokens = self.input_tokens.max(later.input_tokens);
        self.output_tokens = self.output_tokens.max(later.output_tokens);
        self.cached_input_tokens = self.cached_input_tokens.max(later.cached_input_tokens);
        // Not every part says for how long, and what is not said is taken for 5 minutes.
        let written = self.cache_write_tokens().max(later.cache_write_tokens());
        self.cache_write_1h_tokens = self.cache_write_1h_tokens.max(later.cache_write_1h_tokens);
        self.cache_write_5m_tokens = written.saturating_sub(self.cache_write_1h_tokens);
        self.audio_input_tokens = self.audio_input_tokens.max(later.audio_input_tokens);
        self.reasoning_tokens = self.reasoning_tokens.max(later.reasoning_tokens);
        self.audio_output_tokens = self.audio_output_tokens.max(later.audio_output_tokens);
        self.cost = later.cost.or(self.cost);
        self.service_tier = later.service_tier.or(self.service_tier);
        self.response_model = later.response_model.or(self.response_model.take());
        self.response_id = later.response_id.or(self.response_id.take());
        if !later.finish_reasons.is_empty() {
            self.finish_reasons = later.finish_reasons;
        }
    }

    /// Returns the tokens by kind, in the order of [`TokenKind::ALL`], so that their sum is the total.
    pub(crate) fn by_kind(&self) -> [u64; TokenKind::ALL.len()] {
        let mut input = self.input_tokens;
        let mut of_input = |part: u64| take(&mut input, part);
        let cached = of_input(self.cached_input_tokens);
        let written_5m = of_input(self.cache_write_5m_tokens);
        let written_1h = of_input(self.cache_write_1h_tokens);
        let audio_input = of_input(self.audio_input_tokens);
        let mut output = self.output_tokens;
        let mut of_output = |part: u64| take(&mut output, part);
        let reasoning = of_output(self.reasoning_tokens);
        let audio_output = of_output(self.audio_output_tokens);
        [input, cached, written_5m, written_1h, audio_input, output, reasoning, audio_output]
    }

    /// Returns the tokens by the kinds that metrics tell apart, so that their sum is the total.
    pub(crate) fn parts(&self) -> [(&'static str, u64); 5] {
        let [input, cached, written_5m, written_1h, audio_input, output, reasoning, audio_output] = self.by_kind();
        [
            ("input", input + audio_input),
            ("cached_input", cached),
            ("cache_write", written_5m + written_1h),
            ("output", output + audio_output),
            ("reasoning", reasoning),
        ]
    }
}

/// Takes a part, or what there is of it.
fn take(from: &mut u64, part: u64) -> u64 {
    let part = part.min(*from);
    *from -= part;
    part
}

/// An output that knows the tokens it took, or an item of a stream that knows what the stream took until then.
///
/// Several items of a stream may tell a usage. Each is taken for the totals so far of what it speaks of: of each count
/// the largest stands, so that neither chunks that repeat a growing usage are counted twice, nor an input that only
/// the first event tells is lost. Where a provider's chunks tell increments, add them up before.
///
/// ```
/// use tta_runtime::llm::{HasUsage, Usage};
///
/// struct Completion {
///     text: String,
///     usage: Usage,
/// }
///
/// impl HasUsage for Completion {
///     fn usage(&self) -> Option<Usage> {
///         Some(self.usage.clone())
///     }
/// }
///
/// let completion = Completion { text: "Bergen".into(), usage: Usage::new(12, 3) };
/// assert_eq!(Ok::<_, ()>(completion).usage().map(|usage| usage.total_tokens()), Some(15));
/// ```
#[diagnostic::on_unimplemented(
    message = "it is not known where the token usage of a `{Self}` comes from",
    label = "has no `HasUsage`",
    note = "implement `tta_runtime::llm::HasUsage` for it, or write `usage = |out| …`, `usage = manual` or `usage = none` in `#[primitive(…)]`"
)]
pub trait HasUsage {
    /// Returns the tokens used, `None` where the response did not say.
    fn usage(&self) -> Option<Usage>;
}

impl HasUsage for Usage {
    fn usage(&self) -> Option<Usage> {
        Some(self.clone())
    }
}

impl<T: HasUsage, E> HasUsage for Result<T, E> {
    fn usage(&self) -> Option<Usage> {
        self.as_ref().ok()?.usage()
    }
}

impl<T: HasUsage> HasUsage for Option<T> {
    fn usage(&self) -> Option<Usage> {
        self.as_ref()?.usage()
    }
}

impl<T: HasUsage + ?Sized> HasUsage for Box<T> {
    fn usage(&self) -> Option<Usage> {
        (**self).usage()
    }
}

impl<T: HasUsage + ?Sized> HasUsage for &T {
    fn usage(&self) -> Option<Usage> {
        (**self).usage()
    }
}

#[cfg(test)]
mod tests {
    use super::Usage;
    use proptest::prelude::*;

    #[test]
    fn parts_beyond_their_whole_are_cut() {
        let usage = Usage {
            cached_input_tokens: 60,
            cache_write_5m_tokens: 30,
            cache_write_1h_tokens: 30,
            audio_input_tokens: 30,
            reasoning_tokens: 15,
            audio_output_tokens: 10,
            ..Usage::new(100, 20)
        };
        assert_eq!(usage.by_kind(), [0, 60, 30, 10, 0, 0, 15, 5]);
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_total(numbers: [u64; 2], parts: [u32; 6]) {
            let [input, output] = numbers.map(|n| n % (1 << 40));
            let [cached, written_5m, written_1h, audio_input, reasoning, audio_output] = parts.map(u64::from);
            let usage = Usage {
                cached_input_tokens: cached,
                cache_write_5m_tokens: written_5m,
                cache_write_1h_tokens: written_1h,
                audio_input_tokens: audio_input,
                reasoning_tokens: reasoning,
                audio_output_tokens: audio_output,
                ..Usage::new(input, output)
            };
            prop_assert_eq!(usage.parts().iter().map(|(_, n)| n).sum::<u64>(), usage.total_tokens());
            prop_assert_eq!(usage.by_kind().iter().sum::<u64>(), usage.total_tokens());
        }
    }
}
