//! The parse of a body's text that keeps the parts at which the reader of usage looks.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Error, Map, Value};

use super::keys::key_of_usage;
use crate::text;

/// The longest text that is kept whole. Longer ones are ignored, also in lower case, which has at least a third of the bytes.
const LONGEST_TEXT: usize = 4 * super::LONGEST_TEXT;

/// The start of the keys under which `serde_json` passes on what it alone understands, as JSON text.
const OWN_TYPES: &str = "$serde_json::private::";

/// Parses a body in JSON; parts in which no usage can stand are left out unread.
pub(super) fn parse(text: &[u8]) -> Result<Value, Error> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let parts = Part.deserialize(&mut json)?;
    json.end()?;
    Ok(parts)
}

/// Keeps the wanted parts of a value.
struct Part;

impl<'de> DeserializeSeed<'de> for Part {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(text::cut(value, LONGEST_TEXT).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = items.next_element_seed(Self)? {
            parts.push(part);
        }
        Ok(parts.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut parts = Map::new();
        while let Some(key) = fields.next_key_seed(KeyOfPart)? {
            match key {
                Key::Wanted(key) => {
                    parts.insert(key.to_owned(), fields.next_value_seed(Self)?);
                }
                Key::Other => {
                    fields.next_value::<IgnoredAny>()?;
                }
                Key::OwnType => return serde_json::from_str(&fields.next_value::<String>()?).map_err(A::Error::custom),
            }
        }
        Ok(parts.into())
    }
}

/// Reads a key without a copy.
struct KeyOfPart;

/// The meaning of a key for its value.
enum Key {
    /// Usage may stand there.
    Wanted(&'static str),
    Other,
    /// The value is JSON text in a string.
    OwnType,
}

impl<'de> DeserializeSeed<'de> for KeyOfPart {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Key, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyOfPart {
    type Value = Key;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        Ok(match key_of_usage(key) {
            Some(key) => Key::Wanted(key),
            None if key.starts_with(OWN_TYPES) => Key::OwnType,
            None => Key::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeSeed;
    use serde::de::value::{Error, MapDeserializer};
    use serde_json::json;

    use super::{Part, parse};

    #[test]
    fn parts_without_usage_are_left_out() {
        let text =
            br#"{"id": "x", "choices": [{"message": {"content": "a \" b", "role": null}, "logprobs": [[1.5]]}, 2],
            "usage": {"prompt_tokens": 12, "cost": -0.5}}"#;
        let parts =
            json!({ "id": "x", "choices": [{ "message": {} }, 2], "usage": { "prompt_tokens": 12, "cost": -0.5 } });
        assert_eq!(parse(text).unwrap(), parts);
    }

    #[test]
    fn text_that_is_no_json_is_an_error_wherever_it_is() {
        for text in ["", "{", "{}{}", r#"{"content": [1, }"#, r#"{"usage": }"#, r#"{"usage": {"prompt_tokens": 1}"#] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_that_serde_json_passes_on_as_text_is_a_number() {
        let number = MapDeserializer::<_, Error>::new([("$serde_json::private::Number", "12")].into_iter());
        assert_eq!(Part.deserialize(serde::de::value::MapAccessDeserializer::new(number)).unwrap(), json!(12));
    }
}
