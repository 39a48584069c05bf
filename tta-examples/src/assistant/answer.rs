//! An answer with its sources, and its validation.

use std::collections::BTreeSet;

use tta_runtime::primitive;

use crate::assistant::note::Note;

/// An answer, as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) text: String,
    /// The notes that the text cites, by number.
    pub(crate) sources: Vec<Source>,
    /// The number of relevant parts without a note.
    pub(crate) missing_notes: usize,
}

/// A part that an answer cites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) number: usize,
    pub(crate) part_id: String,
    pub(crate) heading: String,
}

/// The reason why an answer is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnswerFault {
    #[error("the model returned an empty answer")]
    Empty,
    #[error("the answer cites source {number}, but there are only {known}")]
    UnknownSource { number: usize, known: usize },
}

/// Checks that an answer is not empty and cites only `notes`, and returns it with its sources.
///
/// An answer may cite nothing, as when the notes do not answer the question.
#[primitive(type = "validator", action = "check", buckets = "fast")]
pub(crate) fn check_answer(text: String, notes: &[Note], missing_notes: usize) -> Result<Answer, AnswerFault> {
    if text.trim().is_empty() {
        return Err(AnswerFault::Empty);
    }
    let mut sources = Vec::new();
    for number in citations(&text) {
        let note = number.checked_sub(1).and_then(|index| notes.get(index));
        let note = note.ok_or(AnswerFault::UnknownSource { number, known: notes.len() })?;
        sources.push(Source { number, part_id: note.part_id.clone(), heading: note.heading.clone() });
    }
    Ok(Answer { text, sources, missing_notes })
}

/// Returns the numbers in citations such as `[1]` and `[2, 3]`.
fn citations(text: &str) -> BTreeSet<usize> {
    let brackets = text.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    brackets.flat_map(|(inside, _)| inside.split(',')).filter_map(|number| number.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[usize], AnswerFault>) {
        let note = Note { part_id: "a.md#1".to_owned(), heading: "A".to_owned(), text: "Oil burns.".to_owned() };
        let answer = check_answer(text.to_owned(), &[note.clone(), note], 0);
        let numbers = answer.map(|answer| answer.sources.iter().map(|source| source.number).collect::<Vec<_>>());
        assert_eq!(numbers, expected.map(<[usize]>::to_vec));
    }

    #[test]
    fn cited_sources_are_listed_once() {
        check("Oil [2] burns [1, 2]. Stone [sic] lasts. [2]", Ok(&[1, 2]));
        check("The notes do not say.", Ok(&[]));
    }

    #[test]
    fn an_answer_with_an_unknown_source_is_rejected() {
        check("Oil burns [3].", Err(AnswerFault::UnknownSource { number: 3, known: 2 }));
        check("Oil burns [0].", Err(AnswerFault::UnknownSource { number: 0, known: 2 }));
        check(" ", Err(AnswerFault::Empty));
    }
}
