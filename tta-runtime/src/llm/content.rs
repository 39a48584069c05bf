//! What models and tools are told, and what they answer: recorded only where it was asked for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use opentelemetry::KeyValue;
use serde::Serialize;
use serde_json::{Value, json};

use crate::context::frame::with_current;
use crate::recorder::Recorder;
use crate::schema::genai;
use crate::text;

/// Records what the current call is told or answers, on its span.
///
/// By default nothing of it is recorded, and `tell` does not even run. It runs where the environment's
/// `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` was `span_only` (or `true`), `event_only` or `span_and_event`
/// when the telemetry started, and the call's span is recorded. Each text then goes through the redaction
/// ([`Builder::redact`](crate::Builder::redact)), and what becomes of it is cut to 8 KiB, at a character. Nothing of it
/// ever reaches a metric. Returns whether it was recorded.
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
pub fn content(tell: impl FnOnce(&mut Content)) -> bool {
    let wanted = with_current(|frame| {
        let capture = *frame.recorder.content_capture.get()?;
        frame.record.is_some().then_some((frame.recorder, capture))
    });
    let Some((recorder, capture)) = wanted.flatten() else { return false };
    let mut content = Content { recorder, told: Vec::new() };
    // The closure is the user's: should it panic, the call goes on without what it was to tell.
    if catch_unwind(AssertUnwindSafe(|| tell(&mut content))).is_err() || content.told.is_empty() {
        return false;
    }
    let at = recorder.clock.anchor().wall(recorder.clock.now());
    with_current(|frame| frame.record.as_mut().map(|span| capture.record(span, content.told, at))).flatten().is_some()
}

/// What a call is told and answers; a later text of the same kind takes the place of an earlier one.
///
/// Whatever can be serialized is recorded as JSON. Messages have the form that OpenTelemetry's conventions give them,
/// `[{"role": "user", "parts": [{"type": "text", "content": "…"}]}]`; a plain text stands for one such message.
#[derive(Debug)]
pub struct Content {
    recorder: &'static Recorder,
    told: Vec<KeyValue>,
}

impl Content {
    /// What the model is to do, apart from the messages: `gen_ai.system_instructions`.
    pub fn system_instructions(&mut self, instructions: &(impl Serialize + ?Sized)) -> &mut Self {
        self.tell(genai::SYSTEM_INSTRUCTIONS, instructions, |text| json!([{"type": "text", "content": text}]))
    }

    /// The messages that the model is sent, a plain text being the user's: `gen_ai.input.messages`.
    pub fn input_messages(&mut self, messages: &(impl Serialize + ?Sized)) -> &mut Self {
        self.tell(genai::INPUT_MESSAGES, messages, |text| message("user", &text))
    }

    /// The messages that it answers, a plain text being the assistant's: `gen_ai.output.messages`.
    pub fn output_messages(&mut self, messages: &(impl Serialize + ?Sized)) -> &mut Self {
        self.tell(genai::OUTPUT_MESSAGES, messages, |text| message("assistant", &text))
    }

    /// What a tool is called with: `gen_ai.tool.call.arguments`.
    pub fn tool_arguments(&mut self, arguments: &(impl Serialize + ?Sized)) -> &mut Self {
        self.tell(genai::TOOL_CALL_ARGUMENTS, arguments, Value::String)
    }

    /// What a tool gives back: `gen_ai.tool.call.result`.
    pub fn tool_result(&mut self, result: &(impl Serialize + ?Sized)) -> &mut Self {
        self.tell(genai::TOOL_CALL_RESULT, result, Value::String)
    }

    /// Records a value; what cannot be written as JSON is left out.
    fn tell(
        &mut self,
        key: &'static str,
        value: &(impl Serialize + ?Sized),
        of_text: impl FnOnce(String) -> Value,
    ) -> &mut Self {
        if let Ok(mut value) = serde_json::to_value(value) {
            redact(&mut value, self.recorder);
            let value = if let Value::String(text) = value { of_text(text) } else { value };
            let text = if let Value::String(text) = value { text } else { value.to_string() };
            let text = text::cut(&text, text::LONGEST_ATTRIBUTE).to_owned();
            self.told.retain(|told| told.key.as_str() != key);
            self.told.push(KeyValue::new(key, text));
        }
        self
    }
}

fn message(role: &str, text: &str) -> Value {
    json!([{"role": role, "parts": [{"type": "text", "content": text}]}])
}

/// Redacts each text and each number within a value: what is written around them stays JSON.
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
