//! The steps of a workflow that need no model.

use tta_runtime::primitive;

use crate::corpus::Document;
use crate::text::retrieval::{self, Hit};
use crate::text::split::{self, Part};
use crate::text::words;

/// More parts than this are not read for one question.
const MOST_PARTS: usize = 6;

/// No part has to do with the question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing in the documents has to do with the question; they share no word")]
pub(crate) struct NothingFound;

/// Cuts the documents into parts.
#[primitive(type = "processor", action = "transform", buckets = "fast",
            attributes("documents.count" = documents.len()))]
pub(crate) fn split_texts(documents: &[Document]) -> Vec<Part> {
    split::parts(documents)
}

/// Finds the parts that the question is about, the best first.
#[primitive(type = "retrieval", action = "search", buckets = "fast",
            attributes("question.words" = words::count(question), "parts.count" = parts.len()))]
pub(crate) fn search_parts(parts: &[Part], question: &str) -> Result<Vec<Hit>, NothingFound> {
    let hits = retrieval::search(parts, question, MOST_PARTS);
    if hits.is_empty() { Err(NothingFound) } else { Ok(hits) }
}
