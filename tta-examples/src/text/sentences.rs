//! Splits a text into sentences, without headings.

use unicode_segmentation::UnicodeSegmentation as _;

/// Abbreviations, whose full stop does not end a sentence.
const ABBREVIATIONS: &[&str] = &["St.", "Mt.", "Mr.", "Mrs.", "Dr.", "No.", "e.g.", "i.e.", "c.", "vs.", "Fig."];

/// Returns the sentences of `text` in order, each on one line.
///
/// Lines of a paragraph are joined. Markdown headings are not sentences.
pub(crate) fn sentences(text: &str) -> Vec<String> {
    paragraphs(text).iter().flat_map(|paragraph| of_paragraph(paragraph)).collect()
}

/// Returns the paragraphs of `text`: runs of lines between blank lines or headings, each joined to one line.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim).chain([""]) {
        if !line.is_empty() && !line.starts_with('#') {
            lines.push(line);
        } else if !lines.is_empty() {
            paragraphs.push(lines.join(" "));
            lines.clear();
        }
    }
    paragraphs
}

fn of_paragraph(paragraph: &str) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    let mut unfinished = String::new();
    for piece in paragraph.split_sentence_bounds() {
        unfinished.push_str(piece);
        let last = unfinished.split_whitespace().next_back().unwrap_or_default();
        if !ABBREVIATIONS.contains(&last) {
            sentences.push(unfinished.trim().to_owned());
            unfinished.clear();
        }
    }
    sentences.push(unfinished.trim().to_owned());
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_goes_on_over_lines_and_ends_at_its_stop() {
        assert_eq!(
            sentences("# Title\nOne goes\non here. Two? Yes.\n\nThree"),
            ["One goes on here.", "Two?", "Yes.", "Three"]
        );
    }

    #[test]
    fn an_abbreviation_does_not_end_a_sentence() {
        assert_eq!(sentences("The light at St. Abbs burns."), ["The light at St. Abbs burns."]);
    }
}
