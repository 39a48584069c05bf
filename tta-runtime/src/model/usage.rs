//! The usage of one model call: the tokens by kind.

use super::nano_usd::NanoUsd;
use super::service_tier::ServiceTier;

/// The tokens that one model call used.
///
/// `input_tokens` and `output_tokens` are totals; the other counts are parts of them. When tokens are counted and priced,
/// parts beyond their total are cut, in the order of the fields.
///
/// Create a usage with [`new`](Self::new), then add the parts that are known.
///
/// ```
/// use tta_runtime::llm::Usage;
///
/// let usage = Usage::new(1_000, 200).with_cached_input_tokens(400);
/// assert_eq!((usage.total_tokens(), usage.cached_input_tokens), (1_200, 400));
/// ```
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens sent, including cached ones.
    pub input_tokens: u64,
    /// Tokens received, including reasoning.
    pub output_tokens: u64,
    /// Part of the input: tokens that the provider read from its cache.
    pub cached_input_tokens: u64,
    /// Part of the input: tokens that the provider wrote to its cache for 5 minutes, or for its only duration.
    pub cache_write_5m_tokens: u64,
    /// Part of the input: tokens that the provider wrote to its cache for an hour.
    pub cache_write_1h_tokens: u64,
    /// Part of the input: audio tokens that were neither read from the cache nor written to it.
    pub audio_input_tokens: u64,
    /// Part of the output: reasoning tokens, which the answer does not show.
    pub reasoning_tokens: u64,
    /// Part of the output: audio tokens.
    pub audio_output_tokens: u64,
    /// The cost that the provider reports; it replaces the price of the tokens.
    pub cost: Option<NanoUsd>,
    /// The service tier, if the response reports it.
    pub service_tier: Option<ServiceTier>,
    /// The model that answered, if the response reports it.
    pub response_model: Option<String>,
    /// The id of the response.
    pub response_id: Option<String>,
    /// The reasons that the model stopped, one per choice.
    pub finish_reasons: Vec<String>,
}

/// The kinds of token that may have their own price. Each token is of exactly one kind.
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

macro_rules! token_counts {
    ($($field:ident, $with:ident;)*) => {$(
        #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        #[must_use]
        pub fn $with(mut self, $field: u64) -> Self {
            self.$field = $field;
            self
        }
    )*};
}

impl Usage {
    /// Creates a usage with these tokens sent and received; all other fields are empty.
    #[must_use]
    pub fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self { input_tokens, output_tokens, ..Self::default() }
    }

    token_counts! {
        cached_input_tokens, with_cached_input_tokens;
        cache_write_5m_tokens, with_cache_write_5m_tokens;
        cache_write_1h_tokens, with_cache_write_1h_tokens;
        audio_input_tokens, with_audio_input_tokens;
        reasoning_tokens, with_reasoning_tokens;
        audio_output_tokens, with_audio_output_tokens;
    }

    /// Sets [`cost`](Self::cost).
    #[must_use]
    pub fn with_cost(mut self, cost: impl Into<Option<NanoUsd>>) -> Self {
        self.cost = cost.into();
        self
    }

    /// Sets [`service_tier`](Self::service_tier).
    #[must_use]
    pub fn with_service_tier(mut self, service_tier: impl Into<Option<ServiceTier>>) -> Self {
        self.service_tier = service_tier.into();
        self
    }

    /// Sets [`response_model`](Self::response_model).
    #[must_use]
    pub fn with_response_model(mut self, response_model: impl Into<String>) -> Self {
        self.response_model = Some(response_model.into());
        self
    }

    /// Sets [`response_id`](Self::response_id).
    #[must_use]
    pub fn with_response_id(mut self, response_id: impl Into<String>) -> Self {
        self.response_id = Some(response_id.into());
        self
    }

    /// Sets [`finish_reasons`](Self::finish_reasons).
    #[must_use]
    pub fn with_finish_reasons<R: Into<String>>(mut self, finish_reasons: impl IntoIterator<Item = R>) -> Self {
        self.finish_reasons = finish_reasons.into_iter().map(Into::into).collect();
        self
    }

    /// Returns the sum of the tokens sent and received.
    #[must_use]
    pub fn total_tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// Returns the tokens that the provider wrote to its cache, for any duration.
    #[must_use]
    pub fn cache_write_tokens(&self) -> u64 {
        self.cache_write_5m_tokens.saturating_add(self.cache_write_1h_tokens)
    }

    /// Merges a later report of the same response.
    ///
    /// Takes the larger count of each kind, since providers report totals so far, and the texts of the later report if it has
    /// any.
    ///
    /// ```
    /// use tta_runtime::llm::Usage;
    ///
    /// let mut usage = Usage::new(1_000, 1);
    /// usage.merge(Usage::new(0, 200).with_finish_reasons(["end_turn"]));
    /// assert_eq!(usage, Usage::new(1_000, 200).with_finish_reasons(["end_turn"]));
    /// ```
    pub fn merge(&mut self, later: Self) {
        self.input_tokens = self.input_tokens.max(later.input_tokens);
        self.output_tokens = self.output_tokens.max(later.output_tokens);
        self.cached_input_tokens = self.cached_input_tokens.max(later.cached_input_tokens);
        // Not every report has the duration of a cache write, and 5 minutes are the default.
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

    /// Returns the tokens by kind, in the order of [`TokenKind::ALL`]. Their sum is the total.
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

    /// Returns the tokens by the label `token_type` of the metrics. Their sum is the total.
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

/// Subtracts `part` from `from`, at most all of it, and returns the difference.
fn take(from: &mut u64, part: u64) -> u64 {
    let part = part.min(*from);
    *from -= part;
    part
}

/// An output that carries the usage of its model call, or an item of a stream that carries the usage so far.
///
/// Several items of a stream may carry a usage. Each count in them is a total so far, and the largest one applies: chunks that
/// repeat a growing usage are not counted twice, and an input that only the first event reports is not lost. If the chunks of a
/// provider carry increments, sum them up first.
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
    message = "the token usage of `{Self}` is not known",
    label = "does not implement `HasUsage`",
    note = "implement `tta_runtime::llm::HasUsage` for it, or write `usage = |out| …`, `usage = manual` or `usage = none` in `#[primitive(…)]`"
)]
pub trait HasUsage {
    /// Returns the tokens used, `None` if the response did not report them.
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
    fn parts_beyond_their_total_are_cut() {
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
