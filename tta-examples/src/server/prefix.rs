//! The prompt cache: like the real service, it bills repeated prefixes of prompts as cached tokens.

use std::time::Duration;

use moka::sync::Cache;

use crate::server::seed::fingerprint;
use crate::tokens::Token;

/// The shortest prefix that is cached, in tokens.
const MIN_PREFIX_TOKENS: usize = 1_024;
/// The step by which cached prefixes grow, in tokens.
const STEP: usize = 128;
/// The time after which an unused prefix is dropped.
const IDLE_TTL: Duration = Duration::from_secs(300);
const MAX_PREFIXES: u64 = 10_000;

/// The prefixes of earlier prompts, by model.
#[derive(Debug)]
pub(crate) struct PrefixCache {
    seen: Cache<(&'static str, u64), ()>,
}

impl PrefixCache {
    pub(crate) fn new() -> Self {
        Self { seen: Cache::builder().max_capacity(MAX_PREFIXES).time_to_idle(IDLE_TTL).build() }
    }

    /// Returns the length of the longest cached prefix of `prompt` in tokens, and caches `prompt`.
    pub(crate) fn cached_tokens(&self, model: &'static str, prompt: &[Token]) -> usize {
        let mut cached = 0;
        for length in (MIN_PREFIX_TOKENS..=prompt.len()).step_by(STEP) {
            let bytes: Vec<u8> = prompt[..length].iter().flat_map(|token| token.to_le_bytes()).collect();
            let key = (model, fingerprint(&bytes));
            if self.seen.get(&key).is_some() {
                cached = length;
            } else {
                self.seen.insert(key, ());
            }
        }
        cached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(common: u32, own: std::ops::Range<u32>) -> Vec<Token> {
        (0..common).chain(own).collect()
    }

    #[test]
    fn a_repeated_beginning_is_cached_in_whole_steps() {
        let cache = PrefixCache::new();
        assert_eq!(cache.cached_tokens("a", &prompt(1_200, 5_000..5_300)), 0);
        assert_eq!(cache.cached_tokens("a", &prompt(1_200, 6_000..6_300)), 1_152);
        assert_eq!(cache.cached_tokens("b", &prompt(1_200, 6_000..6_300)), 0);
    }

    #[test]
    fn a_short_prompt_is_never_cached() {
        let cache = PrefixCache::new();
        assert_eq!(cache.cached_tokens("a", &prompt(1_023, 0..0)), 0);
        assert_eq!(cache.cached_tokens("a", &prompt(1_023, 0..0)), 0);
    }
}
