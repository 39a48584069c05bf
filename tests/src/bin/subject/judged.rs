//! A program that records the content of a model call, and judges its answer.

use serde_json::json;
use tta_runtime::llm::{self, Evaluation, ScoreObjective, Usage};
use tta_runtime::primitive;

pub(super) fn run() {
    let telemetry = tta_runtime::init().expect("the telemetry starts");
    answer();
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini")]
fn answer() -> Usage {
    llm::content(|content| {
        let result = json!({ "celsius": 7, "wet": true, "wind": 2.5, "clouds": null, "of": ["rain"] });
        content.input_messages("Where does it rain?").tool_result(&result);
        content.retrieval_documents(&[json!({ "id": "doc-7", "score": 0.92 })]);
    });
    let result = Evaluation::of("brevity").with_score(0.75).with_label("pass");
    llm::evaluation(result.with_objective(ScoreObjective::at_least(0.5, 90.0)));
    Usage::new(12, 3).with_response_id("response-1")
}
