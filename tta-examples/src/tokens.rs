//! The tokenizer of the GPT-4o models.

use tiktoken_rs::o200k_base_singleton;

/// A token's index in the vocabulary `o200k_base`.
pub(crate) type Token = u32;

/// Returns the tokens of `text`. The first call in a process loads the vocabulary, which takes some tenths of a second.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    o200k_base_singleton().encode_ordinary(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_those_of_the_vocabulary() {
        assert_eq!(tokens("hello world"), [24912, 2375]);
        assert_eq!(tokens(""), [] as [Token; 0]);
    }
}
