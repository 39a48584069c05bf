//! The parts of a body at which the reader of usage looks, from its text without a parse of the others, or from a parsed body.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Error, Value};

use super::keys::{Key, KeySet};
use crate::text;

/// The longest copy of a text. Longer ones are ignored, also in lower case, which has at least a third of the bytes.
const LONGEST_TEXT: usize = 4 * super::LONGEST_TEXT;

/// The key under which `serde_json` passes on a number of any precision, as text: the object has no other.
const OWN_NUMBER: &str = "$serde_json::private::Number";

/// The depth to which a parsed body is read, beyond that of any path; `serde_json` parses as deep.
const DEEPEST: usize = 128;

/// Enough for the wanted fields of most objects.
const FIELDS: usize = 8;

/// A value in a body, with those of its fields at which usage may stand.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    Integer(u64),
    /// Any other number.
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    /// The length of a list that begins with a number, such as an embedding: no usage stands in such a list.
    Vector(u64),
    Object(Vec<(Key, Self)>),
}

impl<'a> Node<'a> {
    /// Returns the parts of a parsed body. What is deeper than [`DEEPEST`] is left out.
    pub(super) fn of(body: &'a Value) -> Self {
        Self::of_depth(body, DEEPEST)
    }

    fn of_depth(value: &'a Value, depth: usize) -> Self {
        let Some(inner) = depth.checked_sub(1) else { return Self::Null };
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => {
                let float = || number.as_f64().map_or(Self::Null, Self::Float);
                number.as_u64().map_or_else(float, Self::Integer)
            }
            Value::String(text) => Self::Text(Cow::Borrowed(text)),
            Value::Array(items) if matches!(items.first(), Some(Value::Number(_))) => Self::Vector(items.len() as u64),
            Value::Array(items) => Self::List(items.iter().map(|item| Self::of_depth(item, inner)).collect()),
            Value::Object(fields) => {
                let wanted = |(name, value): (&String, &'a Value)| {
                    Some((Key::named(name.as_bytes())?, Self::of_depth(value, inner)))
                };
                Self::Object(fields.iter().filter_map(wanted).collect())
            }
        }
    }

    /// Parses a body in JSON; parts in which no usage can stand are left out unread.
    pub(super) fn parse(text: &'a [u8]) -> Result<Self, Error> {
        let mut json = serde_json::Deserializer::from_slice(text);
        let parts = Part.deserialize(&mut json)?;
        json.end()?;
        Ok(parts)
    }

    /// Returns the field with this key; of several, the last.
    pub(super) fn get(&self, key: Key) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().rev().find(|(found, _)| *found == key).map(|(_, value)| value)
    }

    /// Returns the wanted keys of an object; none for any other value.
    pub(super) fn keys(&self) -> KeySet {
        match self {
            Self::Object(fields) => fields.iter().map(|(key, _)| *key).collect(),
            _ => KeySet::default(),
        }
    }

    /// Returns the items of a list; none for any other value.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// Returns the number of a list's items; `None` for any other value.
    pub(super) fn list_length(&self) -> Option<u64> {
        match self {
            Self::List(items) => Some(items.len() as u64),
            Self::Vector(length) => Some(*length),
            _ => None,
        }
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub(super) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn into_owned<'b>(self) -> Node<'b> {
        match self {
            Self::Null => Node::Null,
            Self::Bool(value) => Node::Bool(value),
            Self::Integer(number) => Node::Integer(number),
            Self::Float(number) => Node::Float(number),
            Self::Text(text) => Node::Text(Cow::Owned(text.into_owned())),
            Self::List(items) => Node::List(items.into_iter().map(Self::into_owned).collect()),
            Self::Vector(length) => Node::Vector(length),
            Self::Object(fields) => {
                Node::Object(fields.into_iter().map(|(key, value)| (key, value.into_owned())).collect())
            }
        }
    }
}

/// Keeps the wanted parts of a value.
struct Part;

impl<'de> DeserializeSeed<'de> for Part {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Node<'de>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part {
    type Value = Node<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(u64::try_from(value).map_or(Node::Float(value as f64), Node::Integer))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Integer(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Node::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(text::cut(value, LONGEST_TEXT).to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node<'de>, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = items.next_element_seed(Self)? {
            if parts.is_empty() && matches!(part, Node::Integer(_) | Node::Float(_)) {
                let mut length = 1;
                while items.next_element::<IgnoredAny>()?.is_some() {
                    length += 1;
                }
                return Ok(Node::Vector(length));
            }
            parts.push(part);
        }
        Ok(Node::List(parts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Node<'de>, A::Error> {
        let (mut parts, mut number) = (Vec::new(), None);
        while let Some(name) = fields.next_key_seed(NameOfPart)? {
            match name {
                Name::Wanted(key) => {
                    if parts.capacity() == 0 {
                        parts.reserve(FIELDS);
                    }
                    parts.push((key, fields.next_value_seed(Self)?));
                }
                Name::Other => {
                    fields.next_value::<IgnoredAny>()?;
                }
                // A body may have such a key as well, with any value.
                Name::OwnNumber => number = Some(fields.next_value_seed(Self)?),
            }
        }
        if let Some(Node::Text(text)) = number
            && parts.is_empty()
            && let Ok(number) = Node::parse(text.as_bytes())
        {
            return Ok(number.into_owned());
        }
        Ok(Node::Object(parts))
    }
}

/// Reads the name of a field without a copy.
struct NameOfPart;

/// The meaning of a field's name for its value.
enum Name {
    /// Usage may stand there.
    Wanted(Key),
    Other,
    /// The value is JSON text in a string.
    OwnNumber,
}

impl<'de> DeserializeSeed<'de> for NameOfPart {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Name, D::Error> {
        // Of a name it matters whether it is one of the wanted ones, not whether it is UTF-8.
        json.deserialize_bytes(self)
    }
}

impl Visitor<'_> for NameOfPart {
    type Value = Name;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Name, E> {
        self.visit_bytes(name.as_bytes())
    }

    fn visit_bytes<E>(self, name: &[u8]) -> Result<Name, E> {
        Ok(match Key::named(name) {
            Some(key) => Name::Wanted(key),
            None if name == OWN_NUMBER.as_bytes() => Name::OwnNumber,
            None => Name::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeSeed;
    use serde::de::value::{Error, MapAccessDeserializer, MapDeserializer};
    use serde_json::json;

    use super::{Key, Node, Part};

    #[test]
    fn parts_without_usage_are_left_out() {
        let text =
            br#"{"id": "x", "choices": [{"message": {"content": "a \" b", "role": null}, "logprobs": [[1.5]]}, 2],
            "usage": {"prompt_tokens": 12, "cost": -0.5}}"#;
        let parts =
            json!({ "id": "x", "choices": [{ "message": {} }, 2], "usage": { "prompt_tokens": 12, "cost": -0.5 } });
        let mut parsed = Node::parse(text).unwrap();
        let mut expected = Node::of(&parts);
        for node in [&mut parsed, &mut expected] {
            sort(node);
        }
        assert_eq!(parsed, expected);
    }

    /// Sorts the fields: those of a parsed body are in the order of their names.
    fn sort(node: &mut Node<'_>) {
        match node {
            Node::Object(fields) => {
                fields.sort_by_key(|(key, _)| format!("{key:?}"));
                for (_, field) in fields {
                    sort(field);
                }
            }
            Node::List(items) => items.iter_mut().for_each(sort),
            _ => {}
        }
    }

    #[test]
    fn of_a_vector_the_length_is_kept() {
        // A number that is read must be one of 64 bits.
        let of_ollama = br#"{"embeddings": [[0.25, 1e999], [-1, 2, 3]], "prompt_eval_count": 8}"#;
        let parts = Node::parse(of_ollama).unwrap();
        let embeddings = parts.get(Key::of_path("embeddings"));
        assert_eq!(embeddings, Some(&Node::List(vec![Node::Vector(2), Node::Vector(3)])));
        assert_eq!(crate::model::response::read("ollama", &parts).unwrap().input_tokens, 8);

        let of_cohere = br#"{"embeddings": {"float": [[0.25, 1e999]]}, "meta": {"billed_units": {"input_tokens": 2}}}"#;
        let parts = Node::parse(of_cohere).unwrap();
        assert_eq!(crate::model::response::read("cohere", &parts).unwrap().input_tokens, 2);

        let whole = json!({ "embeddings": [1, 2, 3] });
        assert_eq!(Node::of(&whole).get(Key::of_path("embeddings")), Some(&Node::Vector(3)));
        assert!(Node::parse(br#"{"embeddings": [0.25, }"#).is_err());
    }

    #[test]
    fn text_that_is_no_json_is_an_error_wherever_it_is() {
        for text in ["", "{", "{}{}", r#"{"content": [1, }"#, r#"{"usage": }"#, r#"{"usage": {"prompt_tokens": 1}"#] {
            assert!(Node::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn of_two_fields_with_one_name_the_last_counts() {
        let text = br#"{"usage": {"prompt_tokens": 12, "prompt_tokens": 13}}"#;
        let whole: serde_json::Value = serde_json::from_slice(text).unwrap();
        let read = |parts: &Node<'_>| crate::model::response::read("openai", parts).unwrap().input_tokens;
        assert_eq!(read(&Node::parse(text).unwrap()), 13);
        assert_eq!(read(&Node::of(&whole)), 13);
    }

    #[test]
    fn a_key_of_serde_json_s_own_does_not_hide_the_usage() {
        for value in ["1", r#""no JSON""#, r#""{""#, "null", "[]"] {
            let key = super::OWN_NUMBER;
            let text =
                format!(r#"{{"metadata": {{"{key}": {value}}}, "usage": {{"{key}": {value}, "prompt_tokens": 5}}}}"#);
            let parts = Node::parse(text.as_bytes()).unwrap();
            assert_eq!(crate::model::response::read("openai", &parts).unwrap().input_tokens, 5, "{text}");
        }
    }

    #[test]
    fn a_number_that_serde_json_passes_on_as_text_is_a_number() {
        let number = MapDeserializer::<_, Error>::new([("$serde_json::private::Number", "12")].into_iter());
        assert_eq!(Part.deserialize(MapAccessDeserializer::new(number)).unwrap(), Node::Integer(12));
    }
}
