//! The tokens that one call to a model used.

/// Tokens used by one call to a model.
///
/// `input_tokens` and `output_tokens` are whole; the other counts are parts of them.
///
/// ```
/// use tta_runtime::llm::Usage;
///
/// let usage = Usage { cached_input_tokens: 400, ..Usage::new(1_000, 200) };
/// assert_eq!(usage.total_tokens(), 1_200);
/// ```
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Usage {
    /// Tokens sent, cached ones included.
    pub input_tokens: u64,
    /// Tokens received, those of reasoning included.
    pub output_tokens: u64,
    /// Part of the input: tokens that the provider read from its cache.
    pub cached_input_tokens: u64,
    /// Part of the input: tokens that the provider wrote to its cache.
    pub cache_write_tokens: u64,
    /// Part of the output: tokens of reasoning that the answer does not show.
    pub reasoning_tokens: u64,
    /// The model that answered, where the response names it.
    pub response_model: Option<String>,
    /// The response's identifier.
    pub response_id: Option<String>,
    /// Why the model stopped, one entry per choice.
    pub finish_reasons: Vec<String>,
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

    /// Returns the tokens by kind, so that no token is in two of them and their sum is the total.
    pub(crate) fn parts(&self) -> [(&'static str, u64); 5] {
        let cached = self.cached_input_tokens.min(self.input_tokens);
        let written = self.cache_write_tokens.min(self.input_tokens - cached);
        let reasoning = self.reasoning_tokens.min(self.output_tokens);
        [
            ("input", self.input_tokens - cached - written),
            ("cached_input", cached),
            ("cache_write", written),
            ("output", self.output_tokens - reasoning),
            ("reasoning", reasoning),
        ]
    }
}

/// An output that knows the tokens it took.
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

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_total(numbers: [u32; 5]) {
            let [input, output, cached, written, reasoning] = numbers.map(u64::from);
            let usage = Usage {
                cached_input_tokens: cached,
                cache_write_tokens: written,
                reasoning_tokens: reasoning,
                ..Usage::new(input, output)
            };
            prop_assert_eq!(usage.parts().iter().map(|(_, n)| n).sum::<u64>(), usage.total_tokens());
        }
    }
}
