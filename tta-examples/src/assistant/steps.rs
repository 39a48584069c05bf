//! The steps of the workflow that need no model.

use tta_runtime::primitive;

use crate::corpus::Document;
use crate::text::retrieval::{self, Hit};
use crate::text::split::{self, Part};
use crate::text::words;

/// The most parts that are read for a question.
const MAX_PARTS: usize = 6;

/// No part is relevant to the question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no part of the documents shares a word with the question")]
pub(crate) struct NothingFound;

/// Splits the documents into parts.
#[primitive(type = "processor", action = "transform", buckets = "fast",
            attributes("documents.count" = documents.len()))]
pub(crate) fn split_texts(documents: &[Document]) -> Vec<Part> {
    split::parts(documents)
}

/// Finds the parts that are relevant to the question, the best first.
#[primitive(type = "retrieval", action = "search", buckets = "fast",
            attributes("question.words" = words::count(question), "parts.count" = parts.len()))]
pub(crate) fn search_parts(parts: &[Part], question: &str) -> Result<Vec<Hit>, NothingFound> {
    let hits = retrieval::search(parts, question, MAX_PARTS);
    if hits.is_empty() { Err(NothingFound) } else { Ok(hits) }
}
