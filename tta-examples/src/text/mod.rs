//! Text processing without a model: words, sentences, parts, search, difficulty, summaries.

pub(crate) mod difficulty;
pub(crate) mod retrieval;
pub(crate) mod sentences;
pub(crate) mod split;
pub(crate) mod summarise;
pub(crate) mod words;
