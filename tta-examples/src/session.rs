//! A session: a few questions, one after the other.

use std::error::Error;

use indicatif::ProgressBar;
use tta_runtime::WorkflowContext;

use crate::assistant::Assistant;
use crate::{output, progress, report};

/// Answers `questions` in order, prints each answer at once, and returns the number of questions without an answer.
pub(crate) async fn run(assistant: &Assistant, questions: &[String]) -> usize {
    // All questions of a run share a session id, like the turns of a chat.
    let session = format!("session-{}", std::process::id());
    let bar = progress::spinner();
    let mut unanswered = 0;
    for (question, number) in questions.iter().zip(1..) {
        bar.set_message(format!("question {number} of {}: {question}", questions.len()));
        let context = WorkflowContext::new().with_session_id(session.as_str());
        match context.scope(assistant.answer_question(question)).await {
            Ok(answer) => print(&bar, &report::answer(question, &answer)),
            Err(error) => {
                unanswered += 1;
                print(&bar, &format!("{question}\n\n  No answer: {}\n", with_causes(&error)));
            }
        }
    }
    bar.finish_and_clear();
    unanswered
}

/// Prints without garbling the line of the spinner.
fn print(bar: &ProgressBar, text: &str) {
    bar.suspend(|| output::print(text));
}

/// Returns the messages of an error and its causes, joined by colons.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    // A transparent error repeats the message of its cause.
    texts.dedup();
    texts.join(": ")
}
