//! The position up to which a client has read a trace that may go on meanwhile.

use crate::page::problem::Problem;
use crate::page::query::Query;

/// A position in a trace: all answers are parts of the spans that had ended by the first one, so that none is missing or there twice.
#[derive(Debug, PartialEq)]
pub(super) struct Position {
    /// Spans that had ended by the first answer.
    pub(super) of: usize,
    /// Those of them that the client has.
    pub(super) after: usize,
}

impl Position {
    /// Reads the `after` of a request for a trace of which this many spans have ended.
    pub(super) fn read(query: &Query<'_>, ended: usize) -> Result<Self, Problem> {
        let Some(text) = query.text("after") else { return Ok(Self { of: ended, after: 0 }) };
        let numbers = text.split_once('-').and_then(|(of, after)| Some([of.parse().ok()?, after.parse().ok()?]));
        let [of, after] = numbers.ok_or_else(|| Problem::bad_query("after", "the `next` of an answer"))?;
        // A trace that gave way and began anew has other spans.
        if of > ended { Err(Problem::unknown_trace()) } else { Ok(Self { of, after }) }
    }

    /// Returns the `after` of what follows an answer with this many spans.
    pub(super) fn next(&self, answered: usize) -> Option<String> {
        let after = self.after.saturating_add(answered);
        (after < self.of).then(|| format!("{}-{after}", self.of))
    }
}
