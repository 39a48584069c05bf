//! Summarises texts by extracting relevant sentences without redundancy.

use std::collections::{HashMap, HashSet};

use crate::text::{sentences, words};

/// The weights of a sentence's score: the share of the question's words in it, the same in its passage, its similarity to all
/// passages, and its position.
const QUESTION_WEIGHT: f64 = 0.55;
const PASSAGE_WEIGHT: f64 = 0.20;
const SUBJECT_WEIGHT: f64 = 0.20;
const POSITION_WEIGHT: f64 = 0.05;
/// The penalty for similarity to a sentence that was picked before.
const REDUNDANCY_PENALTY: f64 = 0.35;

/// A text to extract from, with the number by which it is cited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    pub(crate) citation: Option<u32>,
    pub(crate) text: String,
}

/// An extracted sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extract {
    pub(crate) citation: Option<u32>,
    pub(crate) sentence: String,
}

struct Sentence {
    extract: Extract,
    passage: usize,
    weights: Weights,
    /// 1 for the first sentence of its passage, falling to 0 for the last.
    place: f64,
}

type Weights = HashMap<String, f64>;

/// Returns at most `limit` sentences of `passages`, in order.
///
/// With a question, sentences that share no word with it are dropped. Without one, sentences are scored by their similarity to the
/// whole text. Sentences are picked one by one, with a penalty for similarity to those picked before.
pub(crate) fn summarise(passages: &[Passage], question: Option<&str>, limit: usize) -> Vec<Extract> {
    let mut sentences = weigh(passages);
    let subject = sum(sentences.iter());
    let scores: Vec<f64> = match question.map(|question| Query::of(question, &sentences)) {
        None => sentences
            .iter()
            .map(|s| SUBJECT_WEIGHT * cosine(&s.weights, &subject) + POSITION_WEIGHT * s.place)
            .collect(),
        Some(asked) => {
            let around: Vec<f64> = (0..passages.len())
                .map(|passage| asked.covered_by(&sum(sentences.iter().filter(|s| s.passage == passage))))
                .collect();
            sentences.retain(|sentence| asked.covered_by(&sentence.weights) > 0.0);
            let score = |sentence: &Sentence| {
                QUESTION_WEIGHT * asked.covered_by(&sentence.weights)
                    + PASSAGE_WEIGHT * around[sentence.passage]
                    + SUBJECT_WEIGHT * cosine(&sentence.weights, &subject)
                    + POSITION_WEIGHT * sentence.place
            };
            sentences.iter().map(score).collect()
        }
    };
    let chosen = pick(&sentences, &scores, limit);
    let in_order = sentences.into_iter().enumerate().filter(|(index, _)| chosen.contains(index));
    in_order.map(|(_, sentence)| sentence.extract).collect()
}

/// The terms of a question that occur in sentences, each with its inverse document frequency.
struct Query(Vec<(String, f64)>);

impl Query {
    fn of(question: &str, sentences: &[Sentence]) -> Self {
        let rarity = rarity(sentences);
        let mut terms = words::terms(question);
        terms.sort_unstable();
        terms.dedup();
        Self(terms.into_iter().filter_map(|term| rarity.get(&term).map(|rarity| (term.clone(), *rarity))).collect())
    }

    /// Returns the share of the question's terms that are among `weights`, weighted by rarity.
    fn covered_by(&self, weights: &Weights) -> f64 {
        let all: f64 = self.0.iter().map(|(_, rarity)| rarity).sum();
        let covered: f64 = self.0.iter().filter(|(term, _)| weights.contains_key(term)).map(|(_, rarity)| rarity).sum();
        if all > 0.0 { covered / all } else { 0.0 }
    }
}

fn sum<'a>(sentences: impl Iterator<Item = &'a Sentence>) -> Weights {
    let mut sum = Weights::new();
    for (term, weight) in sentences.flat_map(|sentence| &sentence.weights) {
        *sum.entry(term.clone()).or_insert(0.0) += weight;
    }
    sum
}

fn weigh(passages: &[Passage]) -> Vec<Sentence> {
    let mut weighed = Vec::new();
    for (index_of_passage, passage) in passages.iter().enumerate() {
        let sentences = sentences::sentences(&passage.text);
        let last = sentences.len().saturating_sub(1).max(1) as f64;
        for (index, sentence) in sentences.into_iter().enumerate() {
            let mut weights = Weights::new();
            for term in words::terms(&sentence) {
                *weights.entry(term).or_insert(0.0) += 1.0;
            }
            let extract = Extract { citation: passage.citation, sentence };
            let place = 1.0 - index as f64 / last;
            weighed.push(Sentence { extract, passage: index_of_passage, weights, place });
        }
    }
    let rarity = rarity(&weighed);
    for sentence in &mut weighed {
        for (term, weight) in &mut sentence.weights {
            *weight *= rarity[term];
        }
    }
    weighed
}

/// Returns the inverse document frequency of each term, with sentences as documents.
fn rarity(sentences: &[Sentence]) -> HashMap<String, f64> {
    let mut containing: HashMap<String, f64> = HashMap::new();
    for term in sentences.iter().flat_map(|sentence| sentence.weights.keys()) {
        *containing.entry(term.clone()).or_insert(0.0) += 1.0;
    }
    containing.into_iter().map(|(term, count)| (term, (1.0 + sentences.len() as f64 / count).ln())).collect()
}

fn cosine(a: &Weights, b: &Weights) -> f64 {
    let dot = in_order(a).map(|(term, weight)| weight * b.get(term).copied().unwrap_or(0.0)).sum::<f64>();
    let lengths = length(a) * length(b);
    if lengths > 0.0 { dot / lengths } else { 0.0 }
}

fn length(weights: &Weights) -> f64 {
    in_order(weights).map(|(_, weight)| weight * weight).sum::<f64>().sqrt()
}

/// Returns weights sorted by term, since a hash map's order differs in each run, and so would the rounding of sums.
fn in_order(weights: &Weights) -> impl Iterator<Item = (&String, f64)> {
    let mut terms: Vec<_> = weights.iter().map(|(term, weight)| (term, *weight)).collect();
    terms.sort_unstable_by_key(|(term, _)| *term);
    terms.into_iter()
}

fn pick(sentences: &[Sentence], scores: &[f64], limit: usize) -> HashSet<usize> {
    let mut remaining = scores.to_vec();
    let mut chosen = HashSet::new();
    while chosen.len() < limit {
        let candidates = (0..sentences.len()).filter(|index| !chosen.contains(index));
        // `max_by` returns the last of equal candidates; reversed, that is the first one in the text.
        let Some(best) = candidates.rev().max_by(|a, b| remaining[*a].total_cmp(&remaining[*b])) else { break };
        chosen.insert(best);
        for (score, sentence) in remaining.iter_mut().zip(sentences) {
            *score -= REDUNDANCY_PENALTY * cosine(&sentence.weights, &sentences[best].weights);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "The lens floats in mercury. A keeper cleans the lamp. The lens floats in a mercury trough. \
                        Coal was carried up by hand. Whale oil grew dear.";

    fn check(question: Option<&str>, limit: usize, expected: &[&str]) {
        let passages = [Passage { citation: Some(1), text: TEXT.to_owned() }];
        let chosen: Vec<String> = summarise(&passages, question, limit).into_iter().map(|e| e.sentence).collect();
        assert_eq!(chosen, expected);
    }

    #[test]
    fn the_sentence_that_answers_the_question_is_picked() {
        check(Some("What became of whale oil?"), 1, &["Whale oil grew dear."]);
        check(Some("Who carried coal?"), 1, &["Coal was carried up by hand."]);
    }

    #[test]
    fn a_redundant_sentence_is_not_picked() {
        check(
            Some("mercury under a lens, and the keeper"),
            2,
            &["The lens floats in mercury.", "A keeper cleans the lamp."],
        );
    }

    #[test]
    fn sentences_that_share_no_word_with_the_question_are_dropped() {
        check(Some("oil"), 3, &["Whale oil grew dear."]);
        check(Some("violins"), 3, &[]);
    }

    #[test]
    fn chosen_sentences_keep_their_order_and_citation() {
        let passages = [
            Passage { citation: Some(1), text: "Gas burns white.".to_owned() },
            Passage { citation: Some(2), text: "Oil burns yellow. Coal smokes.".to_owned() },
        ];
        let chosen = summarise(&passages, Some("oil or gas"), 2);
        let chosen: Vec<_> = chosen.iter().map(|e| (e.citation, e.sentence.as_str())).collect();
        assert_eq!(chosen, [(Some(1), "Gas burns white."), (Some(2), "Oil burns yellow.")]);
    }

    #[test]
    fn a_short_text_is_returned_whole() {
        check(None, 9, &sentences::sentences(TEXT).iter().map(String::as_str).collect::<Vec<_>>());
    }
}
