//! The prompts.

use crate::assistant::note::Note;
use crate::client::Prompt;
use crate::text::split::Part;

/// The longest overview, in bytes; it is sent with every note.
const MAX_OVERVIEW_BYTES: usize = 8_000;

/// Returns the system message for notes. It is the same for all parts of the documents, so that a service can cache it.
///
/// Its overview helps a model with references to other parts.
pub(crate) fn note_instruction(parts: &[Part]) -> String {
    let mut overview = String::new();
    for part in parts {
        let line = format!("- {} ({})\n", part.heading, part.id);
        if overview.len() + line.len() > MAX_OVERVIEW_BYTES {
            break;
        }
        overview.push_str(&line);
    }
    format!(
        "You take notes on one part of a set of documents, for a reader who will answer questions from your notes alone.\n\
         Write at most 7 sentences. Keep names, dates, figures and their units exactly as they are, and say nothing that \
         the part does not say. Do not mention the part or yourself.\n\n\
         The documents have these parts:\n{overview}"
    )
}

pub(crate) fn note(instruction: &str, part: &Part) -> Prompt {
    Prompt { instruction: instruction.to_owned(), text: format!("# {}\n\n{}", part.heading, part.text) }
}

pub(crate) fn answer(question: &str, notes: &[Note]) -> Prompt {
    let instruction = "Answer the question from the numbered notes alone, in at most 5 sentences. After each sentence \
                       name the note that it comes from, such as [2]. If the notes do not answer the question, say so.";
    let numbered = notes.iter().zip(1..).map(|(note, number)| format!("[{number}] {}\n{}\n", note.heading, note.text));
    Prompt {
        instruction: instruction.to_owned(),
        text: format!("Question: {question}\n\n{}", numbered.collect::<Vec<_>>().join("\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_numbered_under_the_question() {
        let note = |heading: &str, text: &str| Note {
            part_id: String::new(),
            heading: heading.to_owned(),
            text: text.to_owned(),
        };
        assert_eq!(
            answer("Why?", &[note("Lamps", "Oil burns."), note("Towers", "Stone lasts.")]).text,
            "Question: Why?\n\n[1] Lamps\nOil burns.\n\n[2] Towers\nStone lasts.\n"
        );
    }
}
