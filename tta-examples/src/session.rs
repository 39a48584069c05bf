//! A reader's session: a few questions one after the other, and what they took.

use std::error::Error;

use indicatif::ProgressBar;
use tta_runtime::WorkflowContext;

use crate::assistant::Assistant;
use crate::{output, progress, report};

/// Answers `questions` in their order, prints each answer as it comes, and returns how many had none.
pub(crate) async fn run(assistant: &Assistant, questions: &[String]) -> usize {
    // One identifier for the run, as a chat has one for its turns.
    let session = format!("session-{}", std::process::id());
    let bar = progress::spinner();
    let mut without_answer = 0;
    for (question, number) in questions.iter().zip(1..) {
        bar.set_message(format!("question {number} of {}: {question}", questions.len()));
        let context = WorkflowContext::new().with_session_id(session.as_str());
        match context.scope(assistant.answer_question(question)).await {
            Ok(answer) => print(&bar, &report::answer(question, &answer)),
            Err(error) => {
                without_answer += 1;
                print(&bar, &format!("{question}\n\n  No answer: {}\n", with_causes(&error)));
            }
        }
    }
    bar.finish_and_clear();
    without_answer
}

/// Prints while the spinner turns, without the two getting into each other's lines.
fn print(bar: &ProgressBar, text: &str) {
    bar.suspend(|| output::print(text));
}

/// Returns an error's text with those of its causes.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    // A transparent error says what its cause says.
    texts.dedup();
    texts.join(": ")
}
