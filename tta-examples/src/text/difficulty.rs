//! The difficulty of a text, which decides which model condenses it.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::sentences;

/// The readability index from which a text is hard; stories are near 30, newspapers above 40, scholarly prose above 55.
const HARD_FROM: f64 = 40.0;
/// The share of words with figures from which a text is hard, since a note must keep each figure.
const HARD_FROM_FIGURES: f64 = 0.05;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difficulty {
    Easy,
    Hard,
}

/// Returns the difficulty of `text`, by the readability index LIX (words per sentence, plus the percentage of words over six
/// letters) and by its share of figures.
pub(crate) fn difficulty(text: &str) -> Difficulty {
    let measures = Measures::of(text);
    if measures.index >= HARD_FROM || measures.figures >= HARD_FROM_FIGURES {
        Difficulty::Hard
    } else {
        Difficulty::Easy
    }
}

#[derive(Debug, PartialEq)]
struct Measures {
    index: f64,
    figures: f64,
}

impl Measures {
    fn of(text: &str) -> Self {
        let words: Vec<&str> = text.unicode_words().collect();
        let word_count = words.len().max(1) as f64;
        let sentence_count = sentences::sentences(text).len().max(1) as f64;
        let long_count = words.iter().filter(|word| word.chars().count() > 6).count() as f64;
        let figure_count = words.iter().filter(|word| word.contains(|c: char| c.is_ascii_digit())).count() as f64;
        Self {
            index: word_count / sentence_count + 100.0 * long_count / word_count,
            figures: figure_count / word_count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_adds_sentence_length_and_long_words() {
        // Ten words in two sentences, three of them over six letters.
        let text = "The keeper trims the wick. Mercury carries the lens smoothly.";
        assert_eq!(Measures::of(text), Measures { index: 5.0 + 30.0, figures: 0.0 });
    }

    #[test]
    fn a_text_full_of_figures_is_hard() {
        assert_eq!(difficulty("It was lit in 1811 by 24 men."), Difficulty::Hard);
        assert_eq!(difficulty("It was lit by some men on a rock."), Difficulty::Easy);
    }

    #[test]
    fn an_empty_text_is_easy() {
        assert_eq!(difficulty(""), Difficulty::Easy);
    }
}
