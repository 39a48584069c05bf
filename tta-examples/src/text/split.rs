//! Splits documents into parts: sections, or groups of paragraphs that one note can cover.

use crate::corpus::Document;
use crate::text::{sentences, words};

/// The most words of a part; a longer section is split at paragraphs, and a longer paragraph at sentences.
const MAX_PART_WORDS: usize = 220;

/// A part of a document, short enough for one note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The document's name and the part's place in it, from 1: `03-lenses.md#2`.
    pub(crate) id: String,
    /// The headings above it, outermost first, joined by ` › `; the document's name if there are none.
    pub(crate) heading: String,
    pub(crate) text: String,
}

/// Splits `documents` into parts, in order.
pub(crate) fn parts(documents: &[Document]) -> Vec<Part> {
    documents.iter().flat_map(parts_of_document).collect()
}

fn parts_of_document(document: &Document) -> Vec<Part> {
    let mut parts = Vec::new();
    for section in sections(&document.text) {
        let heading = if section.headings.is_empty() { document.name.clone() } else { section.headings.join(" › ") };
        for text in pieces(&section.body) {
            let id = format!("{}#{}", document.name, parts.len() + 1);
            parts.push(Part { id, heading: heading.clone(), text });
        }
    }
    parts
}

struct Section {
    headings: Vec<String>,
    body: String,
}

fn sections(text: &str) -> Vec<Section> {
    let mut sections = vec![Section { headings: Vec::new(), body: String::new() }];
    let mut path: Vec<(usize, String)> = Vec::new();
    for line in text.lines() {
        if let Some((level, title)) = heading(line) {
            path.retain(|(above, _)| *above < level);
            path.push((level, title.to_owned()));
            let headings = path.iter().map(|(_, title)| title.clone()).collect();
            sections.push(Section { headings, body: String::new() });
        } else if let Some(section) = sections.last_mut() {
            section.body.push_str(line);
            section.body.push('\n');
        }
    }
    sections
}

/// Returns the level and the title of a Markdown heading.
fn heading(line: &str) -> Option<(usize, &str)> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    let title = title.strip_prefix(' ')?.trim();
    (1..=6).contains(&level).then_some((level, title))
}

fn pieces(body: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut piece_words = 0;
    for unit in sentences::paragraphs(body).iter().flat_map(|paragraph| units(paragraph)) {
        let unit_words = words::count(&unit);
        match pieces.last_mut() {
            Some(piece) if piece_words + unit_words <= MAX_PART_WORDS => {
                piece.push_str("\n\n");
                piece.push_str(&unit);
                piece_words += unit_words;
            }
            _ => {
                pieces.push(unit);
                piece_words = unit_words;
            }
        }
    }
    pieces
}

/// Returns a paragraph whole, or split at sentences if it is longer than a part may be.
fn units(paragraph: &str) -> Vec<String> {
    if words::count(paragraph) <= MAX_PART_WORDS {
        return vec![paragraph.to_owned()];
    }
    let mut units = vec![String::new()];
    let mut unit_words = 0;
    for sentence in sentences::sentences(paragraph) {
        let sentence_words = words::count(&sentence);
        if unit_words > 0 && unit_words + sentence_words > MAX_PART_WORDS {
            units.push(String::new());
            unit_words = 0;
        }
        if let Some(unit) = units.last_mut() {
            if unit_words > 0 {
                unit.push(' ');
            }
            unit.push_str(&sentence);
        }
        unit_words += sentence_words;
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str, &str)]) {
        let document = Document { name: "a.md".to_owned(), text: text.to_owned() };
        let parts = parts(&[document]);
        let actual: Vec<_> = parts.iter().map(|p| (p.id.as_str(), p.heading.as_str(), p.text.as_str())).collect();
        assert_eq!(actual, expected);
    }

    #[test]
    fn each_section_is_a_part_under_its_headings() {
        check(
            "# Lamps\n\nOil.\n\n## Gas\nAcetylene\nburns.\n\n# Towers\n## Rock\nGranite.",
            &[
                ("a.md#1", "Lamps", "Oil."),
                ("a.md#2", "Lamps › Gas", "Acetylene burns."),
                ("a.md#3", "Towers › Rock", "Granite."),
            ],
        );
    }

    #[test]
    fn a_text_without_headings_carries_its_name() {
        check("One.\n\nTwo.", &[("a.md#1", "a.md", "One.\n\nTwo.")]);
    }

    #[test]
    fn a_long_paragraph_is_cut_at_a_sentence() {
        let sentence = format!("One {}end.", "word ".repeat(148));
        check(
            &format!("{sentence} {sentence}"),
            &[("a.md#1", "a.md", sentence.as_str()), ("a.md#2", "a.md", sentence.as_str())],
        );
    }

    #[test]
    fn a_hash_without_a_blank_is_no_heading() {
        assert_eq!(heading("#hashtag"), None);
        assert_eq!(heading("### Three"), Some((3, "Three")));
    }
}
