//! Terms for search: lower-case stems without stop words.

use rust_stemmers::{Algorithm, Stemmer};
use unicode_segmentation::UnicodeSegmentation as _;

/// English stop words, sorted for binary search.
const STOP_WORDS: &[&str] = &[
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "became", "because", "become",
    "been", "before", "being", "between", "both", "but", "by", "came", "can", "come", "could", "did", "do", "does",
    "down", "each", "every", "for", "from", "had", "has", "have", "he", "her", "his", "how", "i", "if", "in", "into",
    "is", "it", "its", "just", "let", "many", "may", "me", "more", "most", "much", "no", "nor", "not", "of", "off",
    "on", "only", "or", "other", "our", "out", "over", "s", "she", "should", "since", "so", "some", "such", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "through", "to", "today", "too",
    "under", "up", "upon", "us", "use", "used", "very", "was", "we", "were", "what", "when", "where", "which", "while",
    "who", "whose", "why", "will", "with", "without", "would", "you", "your",
];

/// Returns the terms of `text` in order, with repetitions.
pub(crate) fn terms(text: &str) -> Vec<String> {
    let stemmer = Stemmer::create(Algorithm::English);
    text.unicode_words()
        .map(str::to_lowercase)
        // The stemmer knows the straight apostrophe only.
        .map(|word| word.replace('’', "'"))
        .filter(|word| STOP_WORDS.binary_search(&word.as_str()).is_err())
        .map(|word| stemmer.stem(&word).into_owned())
        .collect()
}

/// Returns the number of words in `text`.
pub(crate) fn count(text: &str) -> usize {
    text.unicode_words().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_of_one_root_are_equal() {
        assert_eq!(terms("Lights lighted the lighting"), ["light", "light", "light"]);
    }

    #[test]
    fn stop_words_and_punctuation_are_left_out() {
        assert_eq!(terms("What is the keeper's lamp, and why?"), ["keeper", "lamp"]);
    }

    #[test]
    fn stop_words_are_sorted() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn words_are_counted_without_signs() {
        assert_eq!(count("Fl(2) 10s — two flashes."), 5);
    }
}
