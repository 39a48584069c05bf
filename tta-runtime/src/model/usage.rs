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
    /// Part of the input: image tokens that were neither read from the cache nor written to it.
    pub image_input_tokens: u64,
    /// Part of the input: video tokens that were neither read from the cache nor written to it.
    pub video_input_tokens: u64,
    /// Part of the cached input: audio tokens.
    pub cached_audio_tokens: u64,
    /// Part of the cached input: image tokens.
    pub cached_image_tokens: u64,
    /// Part of the output: reasoning tokens, which the answer does not show.
    pub reasoning_tokens: u64,
    /// Part of the output: audio tokens.
    pub audio_output_tokens: u64,
    /// Part of the output: image tokens.
    pub image_output_tokens: u64,
    /// Part of the output: video tokens.
    pub video_output_tokens: u64,
    /// Part of the output: tokens of cited sources, where the provider bills them.
    pub citation_tokens: u64,
    /// The total that the provider reports, where it differs from the sum of input and output.
    pub reported_total_tokens: Option<u64>,
    /// Web searches that the provider ran.
    pub web_searches: u64,
    /// Searches in stored files that the provider ran.
    pub file_searches: u64,
    /// Runs of code in the provider's sandbox.
    pub code_executions: u64,
    /// Other tools that the provider ran and bills apart, and model calls inside of this one that it bills at other prices.
    pub other_tool_calls: u64,
    /// Searches of a reranker.
    pub rerank_searches: u64,
    /// Pages of documents that were read, annotated ones included.
    pub document_pages: u64,
    /// Part of the pages: those that were annotated.
    pub annotated_document_pages: u64,
    /// Milliseconds of audio, where the provider bills time instead of tokens.
    pub audio_milliseconds: u64,
    /// Characters sent, where the provider bills them instead of tokens.
    pub input_characters: u64,
    /// Text messages sent, where the provider bills them.
    pub text_messages: u64,
    /// The cost that the provider reports; it replaces the price of the tokens.
    pub cost: Option<NanoUsd>,
    /// The service tier, if the response reports it.
    pub service_tier: Option<ServiceTier>,
    /// The region in which the model ran, if the response reports one that affects the price.
    pub inference_geo: Option<String>,
    /// The model that answered, if the response reports it.
    pub response_model: Option<String>,
    /// The id of the response.
    pub response_id: Option<String>,
    /// The reasons that the model stopped, one per choice.
    pub finish_reasons: Vec<String>,
}

/// Defines a setter for each count, and [`COUNTS`].
macro_rules! counts {
    ($($field:ident, $with:ident;)*) => {
        impl Usage {
            $(
                #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
                #[must_use]
                pub fn $with(mut self, $field: u64) -> Self {
                    self.$field = $field;
                    self
                }
            )*
        }

        /// Every count of a usage.
        const COUNTS: &[fn(&mut Usage) -> &mut u64] =
            &[|usage| &mut usage.input_tokens, |usage| &mut usage.output_tokens, $(|usage| &mut usage.$field),*];
    };
}

counts! {
    cached_input_tokens, with_cached_input_tokens;
    cache_write_5m_tokens, with_cache_write_5m_tokens;
    cache_write_1h_tokens, with_cache_write_1h_tokens;
    audio_input_tokens, with_audio_input_tokens;
    image_input_tokens, with_image_input_tokens;
    video_input_tokens, with_video_input_tokens;
    cached_audio_tokens, with_cached_audio_tokens;
    cached_image_tokens, with_cached_image_tokens;
    reasoning_tokens, with_reasoning_tokens;
    audio_output_tokens, with_audio_output_tokens;
    image_output_tokens, with_image_output_tokens;
    video_output_tokens, with_video_output_tokens;
    citation_tokens, with_citation_tokens;
    web_searches, with_web_searches;
    file_searches, with_file_searches;
    code_executions, with_code_executions;
    other_tool_calls, with_other_tool_calls;
    rerank_searches, with_rerank_searches;
    document_pages, with_document_pages;
    annotated_document_pages, with_annotated_document_pages;
    audio_milliseconds, with_audio_milliseconds;
    input_characters, with_input_characters;
    text_messages, with_text_messages;
}

impl Usage {
    /// Creates a usage with these tokens sent and received; all other fields are empty.
    #[must_use]
    pub fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self { input_tokens, output_tokens, ..Self::default() }
    }

    /// Sets [`reported_total_tokens`](Self::reported_total_tokens).
    #[must_use]
    pub fn with_reported_total_tokens(mut self, total: impl Into<Option<u64>>) -> Self {
        self.reported_total_tokens = total.into();
        self
    }

    /// Sets [`inference_geo`](Self::inference_geo).
    #[must_use]
    pub fn with_inference_geo(mut self, region: impl Into<String>) -> Self {
        self.inference_geo = Some(region.into());
        self
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

    /// Adds the counts of another part of the same response.
    pub(super) fn add(&mut self, mut other: Self) {
        for count in COUNTS {
            let (mine, theirs) = (count(self), *count(&mut other));
            *mine = mine.saturating_add(theirs);
        }
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
    pub fn merge(&mut self, mut later: Self) {
        // Not every report has the duration of a cache write, and 5 minutes are the default.
        let written = self.cache_write_tokens().max(later.cache_write_tokens());
        for count in COUNTS {
            let (mine, theirs) = (count(self), *count(&mut later));
            *mine = (*mine).max(theirs);
        }
        self.cache_write_5m_tokens = written.saturating_sub(self.cache_write_1h_tokens);
        self.reported_total_tokens = self.reported_total_tokens.max(later.reported_total_tokens);
        self.cost = later.cost.or(self.cost);
        self.service_tier = later.service_tier.or(self.service_tier);
        self.inference_geo = later.inference_geo.or(self.inference_geo.take());
        self.response_model = later.response_model.or(self.response_model.take());
        self.response_id = later.response_id.or(self.response_id.take());
        if !later.finish_reasons.is_empty() {
            self.finish_reasons = later.finish_reasons;
        }
    }
}
