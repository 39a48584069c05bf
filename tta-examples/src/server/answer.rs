//! Computes the answer to a chat by extracting sentences from its messages.

use crate::server::protocol::{Message, Role};
use crate::text::summarise::{Passage, summarise};

/// The number of sentences, unless a message says "at most N sentences".
const DEFAULT_SENTENCES: usize = 4;

/// Returns the best sentences of the last user message, with the numbers of their sources.
///
/// A line `Question: …` is the question. A line `[1] …` starts source 1, and each sentence of it is followed by `[1]`. A text without
/// a question is condensed to its most typical sentences.
pub(crate) fn answer(messages: &[Message]) -> String {
    let prompt = messages.iter().rev().find(|message| message.role == Role::User);
    let (question, passages) = read(prompt.map_or("", |message| &message.content));
    let limit = messages.iter().rev().find_map(|message| sentence_limit(&message.content));
    let extracts = summarise(&passages, question.as_deref(), limit.unwrap_or(DEFAULT_SENTENCES));
    let cited = extracts.into_iter().map(|extract| match extract.citation {
        Some(citation) => format!("{} [{citation}]", extract.sentence),
        None => extract.sentence,
    });
    cited.collect::<Vec<_>>().join(" ")
}

fn read(prompt: &str) -> (Option<String>, Vec<Passage>) {
    let mut question = None;
    let mut passages = vec![Passage { citation: None, text: String::new() }];
    for line in prompt.lines() {
        if let Some(asked) = line.strip_prefix("Question:") {
            question = Some(asked.trim().to_owned());
        } else if let Some(citation) = citation(line) {
            passages.push(Passage { citation: Some(citation), text: String::new() });
        } else if let Some(passage) = passages.last_mut() {
            passage.text.push_str(line);
            passage.text.push('\n');
        }
    }
    passages.retain(|passage| !passage.text.trim().is_empty());
    (question, passages)
}

/// Returns the number in a line that starts a source, such as `[3] 06-range.md#2`.
fn citation(line: &str) -> Option<u32> {
    let (number, _) = line.strip_prefix('[')?.split_once(']')?;
    number.parse().ok()
}

/// Returns the number in "at most N sentences".
fn sentence_limit(text: &str) -> Option<usize> {
    let (_, rest) = text.split_once("at most ")?;
    let (number, rest) = rest.split_once(' ')?;
    rest.starts_with("sentence").then(|| number.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(system: &str, user: &str, expected: &str) {
        let message = |role, content: &str| Message { role, content: content.to_owned() };
        assert_eq!(answer(&[message(Role::System, system), message(Role::User, user)]), expected);
    }

    #[test]
    fn the_answer_cites_its_sources() {
        check(
            "Answer in at most 1 sentence.",
            "Question: What does oil cost?\n\n[1] lamps\nGas burns white. Oil costs two dollars.\n\n[2] towers\nStone lasts.",
            "Oil costs two dollars. [1]",
        );
    }

    #[test]
    fn a_text_alone_is_condensed() {
        check("", "Oil burns.", "Oil burns.");
        check("", "", "");
    }

    #[test]
    fn the_length_is_read_from_the_instruction() {
        assert_eq!(sentence_limit("Write at most 12 sentences, please."), Some(12));
        assert_eq!(sentence_limit("at most 12 words"), None);
        assert_eq!(sentence_limit("at most a few sentences"), None);
    }
}
