//! Parses and validates chat requests, like the real service.

use serde::Deserialize;
use serde_json::Value;

use crate::server::models::{self, Model};
use crate::server::refusal::Refusal;

/// A valid request.
#[derive(Debug)]
pub(crate) struct ChatCall {
    pub(crate) model: &'static Model,
    pub(crate) messages: Vec<Message>,
    pub(crate) delivery: Delivery,
    /// The most tokens of the answer.
    pub(crate) max_tokens: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    Stream,
    StreamWithUsage,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Message {
    pub(crate) role: Role,
    #[serde(deserialize_with = "text_of_content")]
    pub(crate) content: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    #[serde(alias = "developer")]
    System,
    User,
    Assistant,
}

/// Reads content that is a string, or a list of parts whose texts are joined.
fn text_of_content<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Content {
        Text(String),
        Parts(Vec<ContentPart>),
    }
    #[derive(Deserialize)]
    struct ContentPart {
        text: String,
    }
    Ok(match Content::deserialize(deserializer)? {
        Content::Text(text) => text,
        Content::Parts(parts) => parts.into_iter().map(|part| part.text).collect::<Vec<_>>().join("\n"),
    })
}

impl ChatCall {
    /// Parses and validates the body of a request.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body: Value =
            serde_json::from_slice(body).map_err(|error| Refusal::NotJson { reason: error.to_string() })?;
        let model = required(&body, "model")?;
        let model: String = typed("model", model)?;
        let messages: Vec<Message> = typed("messages", required(&body, "messages")?)?;
        if messages.is_empty() {
            let reason = "empty array. Expected an array with minimum length 1, but got an empty array instead.";
            return Err(Refusal::InvalidParameter { parameter: "messages", reason: reason.to_owned() });
        }
        let model = models::find(&model).ok_or(Refusal::UnknownModel { model })?;
        let stream: bool = optional(&body, "stream")?.unwrap_or(false);
        let delivery = match (stream, body["stream_options"]["include_usage"].as_bool()) {
            (false, _) => Delivery::Whole,
            (true, Some(true)) => Delivery::StreamWithUsage,
            (true, _) => Delivery::Stream,
        };
        let longest: Option<usize> = optional(&body, "max_completion_tokens")?;
        let longest = longest.or(optional(&body, "max_tokens")?);
        Ok(Self { model, messages, delivery, max_tokens: longest })
    }
}

fn required<'a>(body: &'a Value, parameter: &'static str) -> Result<&'a Value, Refusal> {
    body.get(parameter).filter(|value| !value.is_null()).ok_or(Refusal::MissingParameter { parameter })
}

fn optional<T: for<'de> Deserialize<'de>>(body: &Value, parameter: &'static str) -> Result<Option<T>, Refusal> {
    typed(parameter, body.get(parameter).unwrap_or(&Value::Null))
}

fn typed<T: for<'de> Deserialize<'de>>(parameter: &'static str, value: &Value) -> Result<T, Refusal> {
    T::deserialize(value).map_err(|error| Refusal::InvalidParameter { parameter, reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str, expected: &Refusal) {
        assert_eq!(ChatCall::parse(body.as_bytes()).expect_err("a refusal"), *expected);
    }

    #[test]
    fn an_invalid_parameter_is_named() {
        refused("{", &Refusal::NotJson { reason: "EOF while parsing an object at line 1 column 1".to_owned() });
        refused("{}", &Refusal::MissingParameter { parameter: "model" });
        refused(r#"{"model": "gpt-4o"}"#, &Refusal::MissingParameter { parameter: "messages" });
        refused(
            r#"{"model": "gpt-9", "messages": [{"role": "user", "content": "x"}]}"#,
            &Refusal::UnknownModel { model: "gpt-9".to_owned() },
        );
        refused(
            r#"{"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}], "max_tokens": -1}"#,
            &Refusal::InvalidParameter {
                parameter: "max_tokens",
                reason: "invalid value: integer `-1`, expected usize".to_owned(),
            },
        );
    }

    #[test]
    fn content_may_come_in_parts() {
        let body = r#"{"model": "gpt-4o", "stream": true, "stream_options": {"include_usage": true}, "messages":
                       [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]}"#;
        let call = ChatCall::parse(body.as_bytes()).expect("a call");
        assert_eq!(call.messages, [Message { role: Role::User, content: "a\nb".to_owned() }]);
        assert_eq!(call.delivery, Delivery::StreamWithUsage);
    }
}
