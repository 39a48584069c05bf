//! Content of model and tool calls, such as messages and arguments: recorded on request only.

use opentelemetry::KeyValue;
use serde::Serialize;
use serde_json::{Value, json};

use crate::context::frame::with_current;
use crate::panics::caught;
use crate::recorder::Recorder;
use crate::schema::genai;
use crate::span_limits;

/// Records the content of the current call on its span, such as messages, tool arguments and documents that were found.
///
/// By default no content is recorded, and `record` does not run. It runs if the environment variable
/// `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` was `span_only` (or `true`), `event_only` or `span_and_event` when the
/// telemetry started, and if the call's span is sampled. Each text passes through the redaction
/// ([`Builder::redact`](crate::Builder::redact)). Content never reaches a metric.
///
/// Each value has at most 64 KiB of JSON, or as many bytes as `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT` says. A longer one stays JSON:
/// the longest texts inside are shortened in the middle, and a list of too many messages loses the first ones, each with a mark such as
/// `… 1234 bytes left out …`. The newest message stays whole as long as it takes less than three quarters. A limit below 64 cuts
/// the JSON itself.
///
/// Returns whether content was recorded; false also if `record` panics or sets nothing.
///
/// ```
/// use tta_runtime::llm::{self, Usage};
/// use tta_runtime::primitive;
///
/// #[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini")]
/// fn ask(question: &str) -> Usage {
///     let recorded = llm::content(|content| {
///         content.system_instructions("Answer in one sentence.").input_messages(question);
///     });
///     assert!(!recorded, "nobody asked for it");
///     Usage::new(12, 3)
/// }
///
/// ask("What does oil cost?");
/// ```
pub fn content(record: impl FnOnce(&mut Content)) -> bool {
    let wanted = with_current(|frame| {
        let capture = *frame.recorder.content_capture.get()?;
        frame.record.is_some().then_some((frame.recorder, capture))
    });
    let Some((recorder, capture)) = wanted.flatten() else { return false };
    let content = of(recorder, record);
    if content.is_empty() {
        return false;
    }
    let at = recorder.clock.anchor().wall(recorder.clock.now());
    with_current(|frame| frame.record.as_mut().map(|span| capture.record(span, content, at))).flatten().is_some()
}

/// Returns the content that a closure sets, as it is recorded.
pub(super) fn of(recorder: &'static Recorder, record: impl FnOnce(&mut Content)) -> Vec<KeyValue> {
    let mut content = Content { recorder, attributes: Vec::new() };
    // The closure is user code: if it panics, the call continues without content.
    if caught(|| record(&mut content)).is_none() {
        content.attributes.clear();
    }
    content.attributes
}

/// The content of a call. A later value replaces an earlier one of the same kind.
///
/// Each value is serialized as JSON; one that cannot be serialized is omitted. Messages have the form of OpenTelemetry's
/// conventions, `[{"role": "user", "parts": [{"type": "text", "content": "…"}]}]`. A plain string becomes one such message.
#[derive(Debug)]
pub struct Content {
    recorder: &'static Recorder,
    attributes: Vec<KeyValue>,
}

impl Content {
    /// Sets the instructions to the model, apart from the messages: `gen_ai.system_instructions`.
    pub fn system_instructions(&mut self, instructions: &(impl Serialize + ?Sized)) -> &mut Self {
        self.set(genai::SYSTEM_INSTRUCTIONS, instructions, |text| json!([{"type": "text", "content": text}]))
    }

    /// Sets the messages sent to the model: `gen_ai.input.messages`. A plain string is a message of the user.
    pub fn input_messages(&mut self, messages: &(impl Serialize + ?Sized)) -> &mut Self {
        self.set(genai::INPUT_MESSAGES, messages, |text| message("user", &text))
    }

    /// Sets the messages that the model returned: `gen_ai.output.messages`. A plain string is a message of the assistant.
    pub fn output_messages(&mut self, messages: &(impl Serialize + ?Sized)) -> &mut Self {
        self.set(genai::OUTPUT_MESSAGES, messages, |text| message("assistant", &text))
    }

    /// Sets the tools that the request offers: `gen_ai.tool.definitions`, a list as in
    /// `[{"type": "function", "name": "weather", "description": "…", "parameters": {…}}]`.
    pub fn tool_definitions(&mut self, tools: &(impl Serialize + ?Sized)) -> &mut Self {
        self.set(genai::TOOL_DEFINITIONS, tools, Value::String)
    }

    /// Sets the arguments of a tool call: `gen_ai.tool.call.arguments`.
    pub fn tool_arguments(&mut self, arguments: &(impl Serialize + ?Sized)) -> &mut Self {
        self.set(genai::TOOL_CALL_ARGUMENTS, arguments, Value::String)
    }

    /// Sets the result of a tool call: `gen_ai.tool.call.result`.
    pub fn tool_result(&mut self, result: &(impl Serialize + ?Sized)) -> &mut Self {
        self.set(genai::TOOL_CALL_RESULT, result, Value::String)
    }

    /// Sets the documents that a retrieval found: `gen_ai.retrieval.documents`, a list as in
    /// `[{"id": "doc-7", "score": 0.92}]`, with whatever else says what they are. A plain string is the content of one document.
    ///
    /// ```
    /// use serde::Serialize;
    /// use tta_runtime::{llm, primitive};
    ///
    /// #[derive(Clone, Serialize)]
    /// struct Found {
    ///     id: String,
    ///     score: f64,
    /// }
    ///
    /// #[primitive(type = "retrieval", action = "search")]
    /// fn search(index: &[Found], least: f64) -> Vec<Found> {
    ///     let found: Vec<_> = index.iter().filter(|document| document.score >= least).cloned().collect();
    ///     llm::content(|content| {
    ///         content.retrieval_documents(&found);
    ///     });
    ///     found
    /// }
    ///
    /// let index = [("doc-7", 0.92), ("doc-8", 0.31)].map(|(id, score)| Found { id: id.to_owned(), score });
    /// assert_eq!(search(&index, 0.5).len(), 1);
    /// ```
    pub fn retrieval_documents(&mut self, documents: &(impl Serialize + ?Sized)) -> &mut Self {
        self.set(genai::RETRIEVAL_DOCUMENTS, documents, |text| json!([{"content": text}]))
    }

    /// Sets an attribute to a value as JSON; omits a value that cannot be serialized.
    fn set(
        &mut self,
        key: &'static str,
        value: &(impl Serialize + ?Sized),
        of_text: impl FnOnce(String) -> Value,
    ) -> &mut Self {
        if let Ok(mut value) = serde_json::to_value(value) {
            redact(&mut value, self.recorder);
            let value = if let Value::String(text) = value { of_text(text) } else { value };
            let text = span_limits::content(value);
            self.attributes.retain(|attribute| attribute.key.as_str() != key);
            self.attributes.push(KeyValue::new(key, text));
        }
        self
    }
}

fn message(role: &str, text: &str) -> Value {
    json!([{"role": role, "parts": [{"type": "text", "content": text}]}])
}

/// Redacts each string and each number inside a value, so that the result stays valid JSON.
fn redact(value: &mut Value, recorder: &Recorder) {
    match value {
        Value::String(text) => {
            if let Some(redacted) = recorder.redacted(text) {
                *text = redacted;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| redact(value, recorder)),
        Value::Object(fields) => fields.values_mut().for_each(|value| redact(value, recorder)),
        Value::Number(number) => {
            let text = number.to_string();
            if let Some(redacted) = recorder.redacted(&text).filter(|redacted| *redacted != text) {
                *value = Value::String(redacted);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}
