//! Searches parts by BM25.

use std::collections::HashMap;

use crate::text::split::Part;
use crate::text::words;

/// The parameter k1 of BM25: how fast repetitions of a word saturate.
const SATURATION: f64 = 1.2;
/// The parameter b of BM25: 0 ignores the length of a part, 1 normalizes by it fully.
const LENGTH_PENALTY: f64 = 0.75;
/// The share of the best score from which a part is relevant.
const RELEVANT_SHARE: f64 = 0.4;

/// A relevant part with its score; larger is better.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hit {
    pub(crate) part: Part,
    pub(crate) score: f64,
}

/// Returns at most `limit` parts that are relevant to `question`, the best first.
///
/// Parts of equal score keep their order in `parts`. A question that shares no word with any part finds nothing.
pub(crate) fn search(parts: &[Part], question: &str, limit: usize) -> Vec<Hit> {
    let counts: Vec<HashMap<String, f64>> = parts.iter().map(term_counts).collect();
    let lengths: Vec<f64> = counts.iter().map(|terms| terms.values().sum()).collect();
    let average_length = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64;

    let mut query = words::terms(question);
    query.sort_unstable();
    query.dedup();
    let mut scores = vec![0.0; parts.len()];
    for term in &query {
        let containing = counts.iter().filter(|terms| terms.contains_key(term)).count() as f64;
        let rarity = (1.0 + (parts.len() as f64 - containing + 0.5) / (containing + 0.5)).ln();
        for ((score, terms), length) in scores.iter_mut().zip(&counts).zip(&lengths) {
            let count = terms.get(term).copied().unwrap_or(0.0);
            let norm = SATURATION * (1.0 - LENGTH_PENALTY + LENGTH_PENALTY * length / average_length);
            *score += rarity * count * (SATURATION + 1.0) / (count + norm);
        }
    }

    let best = scores.iter().copied().fold(0.0, f64::max);
    let mut hits: Vec<Hit> = parts
        .iter()
        .zip(scores)
        .filter(|(_, score)| *score > 0.0 && *score >= best * RELEVANT_SHARE)
        .map(|(part, score)| Hit { part: part.clone(), score })
        .collect();
    hits.sort_by(|a, b| b.score.total_cmp(&a.score));
    hits.truncate(limit);
    hits
}

fn term_counts(part: &Part) -> HashMap<String, f64> {
    let mut counts = HashMap::new();
    for term in words::terms(&part.heading).into_iter().chain(words::terms(&part.text)) {
        *counts.entry(term).or_insert(0.0) += 1.0;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], question: &str, expected: &[&str]) {
        let parts: Vec<Part> = texts
            .iter()
            .map(|text| Part { id: (*text).to_owned(), heading: String::new(), text: (*text).to_owned() })
            .collect();
        let found: Vec<String> = search(&parts, question, 2).into_iter().map(|hit| hit.part.id).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_rare_word_outweighs_a_common_one() {
        check(&["lamp oil", "lamp glass", "lamp mercury"], "mercury lamps", &["lamp mercury"]);
    }

    #[test]
    fn a_short_part_is_better_than_a_long_one_with_the_same_word() {
        let long = "mercury in a ring shaped trough below the lens";
        check(&[long, "mercury bath"], "mercury", &["mercury bath", long]);
    }

    #[test]
    fn a_question_about_something_else_finds_nothing() {
        check(&["lamp oil"], "How are violins made?", &[]);
        check(&[], "lamp", &[]);
    }

    #[test]
    fn the_score_is_that_of_the_formula() {
        let part = Part { id: String::new(), heading: String::new(), text: "lamp".to_owned() };
        // One part of average length with the word once: ln(1 + 0.5 / 1.5) · 1 · 2.2 / 2.2.
        let score = search(&[part], "lamp", 1)[0].score;
        assert!((score - (4.0_f64 / 3.0).ln()).abs() < 1e-12, "{score}");
    }
}
