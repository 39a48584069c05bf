//! A note on a part, and its validation.

use std::collections::BTreeSet;

use tta_runtime::{LabelValue, primitive};

use crate::text::split::Part;
use crate::text::words;

/// A model's note on a part. It does not depend on a question, so that many questions can use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) part_id: String,
    pub(crate) heading: String,
    pub(crate) text: String,
}

/// The reason why a note is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoteFault {
    #[error("the note on {part_id} is empty")]
    Empty { part_id: String },
    #[error("the note on {part_id} has {note_words} words, but the part only {part_words}")]
    TooLong { part_id: String, note_words: usize, part_words: usize },
    #[error("the note on {part_id} has figures that the part lacks: {}", .figures.join(", "))]
    StrangeFigures { part_id: String, figures: Vec<String> },
}

#[derive(Clone, Copy, Debug, LabelValue)]
enum NoteFaultType {
    EmptyNote,
    TooLongNote,
    StrangeFigures,
}

impl NoteFault {
    fn fault_type(&self) -> NoteFaultType {
        match self {
            Self::Empty { .. } => NoteFaultType::EmptyNote,
            Self::TooLong { .. } => NoteFaultType::TooLongNote,
            Self::StrangeFigures { .. } => NoteFaultType::StrangeFigures,
        }
    }
}

/// Checks that a note is not empty, not longer than its part, and has only figures of the part.
///
/// Invented figures are the mistake that a reader notices least.
#[primitive(type = "validator", action = "check", buckets = "fast", error_type = NoteFault::fault_type,
            attributes("note.part" = &part.id))]
pub(crate) fn check_note(part: &Part, note: Note) -> Result<Note, NoteFault> {
    let part_id = part.id.clone();
    let (note_words, part_words) = (words::count(&note.text), words::count(&part.text));
    if note_words == 0 {
        return Err(NoteFault::Empty { part_id });
    }
    if note_words > part_words {
        return Err(NoteFault::TooLong { part_id, note_words, part_words });
    }
    let known = &figures(&part.heading) | &figures(&part.text);
    let figures: Vec<String> = (&figures(&note.text) - &known).into_iter().collect();
    if figures.is_empty() { Ok(note) } else { Err(NoteFault::StrangeFigures { part_id, figures }) }
}

/// Returns the numbers in a text; `1,493` and `1493` are the same.
fn figures(text: &str) -> BTreeSet<String> {
    let text: Vec<char> = text.chars().collect();
    let is_digit = |index: usize| text.get(index).is_some_and(char::is_ascii_digit);
    let mut figures = BTreeSet::new();
    let mut figure = String::new();
    for (index, character) in text.iter().chain(&[' ']).enumerate() {
        let is_inside = index > 0 && is_digit(index - 1) && is_digit(index + 1);
        match character {
            ',' if is_inside => {}
            '.' if is_inside => figure.push('.'),
            digit if digit.is_ascii_digit() => figure.push(*digit),
            _ if !figure.is_empty() => {
                figures.insert(std::mem::take(&mut figure));
            }
            _ => {}
        }
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(note: &str, expected: Result<(), NoteFault>) {
        let part = Part {
            id: "a.md#1".to_owned(),
            heading: "Lamps of 1780".to_owned(),
            text: "It cost 1,493 dollars in 1811, and 2.5 more a day.".to_owned(),
        };
        let note = Note { part_id: part.id.clone(), heading: part.heading.clone(), text: note.to_owned() };
        assert_eq!(check_note(&part, note.clone()), expected.map(|()| note));
    }

    #[test]
    fn a_note_with_known_figures_is_accepted() {
        check("In 1811 it cost 1493, then 2.5.", Ok(()));
        check("It was made in 1780.", Ok(()));
    }

    #[test]
    fn an_invented_figure_is_found() {
        let figures = vec!["1812".to_owned(), "25".to_owned()];
        check("In 1812 it cost 25.", Err(NoteFault::StrangeFigures { part_id: "a.md#1".to_owned(), figures }));
    }

    #[test]
    fn a_note_that_is_empty_or_longer_than_its_part_is_rejected() {
        check(" \n", Err(NoteFault::Empty { part_id: "a.md#1".to_owned() }));
        let (note_words, part_words) = (12, 11);
        check(&"word ".repeat(12), Err(NoteFault::TooLong { part_id: "a.md#1".to_owned(), note_words, part_words }));
    }
}
