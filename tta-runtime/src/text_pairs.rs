//! Keys and values of a workflow, of which most have none: its tags and its baggage.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

/// A map of texts that takes a word while it is empty. Every start and end of a workflow makes and drops several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::box_collection, reason = "an empty map has three words, which are made and dropped")]
pub(crate) struct TextPairs(Option<Box<BTreeMap<String, String>>>);

impl TextPairs {
    /// Returns whether there have never been any.
    #[inline]
    pub(crate) fn are_none(&self) -> bool {
        self.0.is_none()
    }
}

impl Deref for TextPairs {
    type Target = BTreeMap<String, String>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for TextPairs {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.0.get_or_insert_default()
    }
}

impl From<BTreeMap<String, String>> for TextPairs {
    fn from(pairs: BTreeMap<String, String>) -> Self {
        Self((!pairs.is_empty()).then(|| Box::new(pairs)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::TextPairs;

    #[test]
    fn no_pairs_take_a_word_and_read_as_an_empty_map() {
        let mut pairs = TextPairs::from(BTreeMap::new());
        assert_eq!((size_of::<TextPairs>(), pairs.len()), (size_of::<usize>(), 0));
        assert_eq!(pairs, TextPairs::default());
        pairs.insert("tenant".to_owned(), "blue".to_owned());
        assert_eq!(*pairs, BTreeMap::from([("tenant".to_owned(), "blue".to_owned())]));
    }
}
