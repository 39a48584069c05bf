//! Encodes what traces and metrics share: attributes, the resource, and the instrumentation scope.

use opentelemetry::{Array, InstrumentationScope, Value};
use opentelemetry_sdk::Resource;
use serde_json::Value as Json;

use crate::export::protobuf::Message;

/// Writes an attribute as a `KeyValue`.
pub(super) fn attribute(to: &mut Message, field: u32, key: &str, value: &Value) {
    to.message(field, |to| {
        to.text(1, key);
        to.message(2, |to| any_value(to, value));
    });
}

/// Writes an attribute with a text as a `KeyValue`.
pub(super) fn text_attribute(to: &mut Message, field: u32, key: &str, value: &str) {
    to.message(field, |to| {
        to.text(1, key);
        to.message(2, |to| to.present_bytes(1, value.as_bytes()));
    });
}

/// Writes an attribute with the structure of JSON as a `KeyValue`.
pub(super) fn json_attribute(to: &mut Message, field: u32, key: &str, value: &Json) {
    to.message(field, |to| {
        to.text(1, key);
        to.message(2, |to| any_json(to, value));
    });
}

/// Writes the fields of an `AnyValue`; null has none.
fn any_json(to: &mut Message, value: &Json) {
    match value {
        Json::Null => {}
        Json::Bool(value) => to.present_number(2, u64::from(*value)),
        Json::Number(number) => match number.as_i64() {
            Some(number) => to.present_number(3, number as u64),
            None => to.present_double(4, number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => to.present_bytes(1, text.as_bytes()),
        Json::Array(items) => to.message(5, |to| {
            for item in items {
                to.message(1, |to| any_json(to, item));
            }
        }),
        Json::Object(fields) => to.message(6, |to| {
            for (key, value) in fields {
                json_attribute(to, 1, key, value);
            }
        }),
    }
}

/// Writes the resource as the field of a `ResourceSpans` or `ResourceMetrics`.
pub(super) fn resource(to: &mut Message, resource: &Resource) {
    to.message(1, |to| resource.iter().for_each(|(key, value)| attribute(to, 1, key.as_str(), value)));
}

/// Writes a scope as the field of a `ScopeSpans` or `ScopeMetrics`.
pub(super) fn scope(to: &mut Message, scope: &InstrumentationScope) {
    to.message(1, |to| {
        to.text(1, scope.name());
        to.text(2, scope.version().unwrap_or_default());
        scope.attributes().for_each(|kv| attribute(to, 3, kv.key.as_str(), &kv.value));
    });
}

/// Writes the fields of an `AnyValue`. The one that is set says which type the value has, and is written whatever its value is.
fn any_value(to: &mut Message, value: &Value) {
    match value {
        Value::Bool(value) => to.present_number(2, u64::from(*value)),
        Value::I64(value) => to.present_number(3, *value as u64),
        Value::F64(value) => to.present_double(4, *value),
        Value::String(value) => to.present_bytes(1, value.as_str().as_bytes()),
        Value::Array(array) => to.message(5, |to| any_values(to, array)),
        // The type is open for further kinds: as text nothing is lost.
        other => to.present_bytes(1, other.as_str().as_bytes()),
    }
}

/// Writes the fields of an `ArrayValue`.
fn any_values(to: &mut Message, array: &Array) {
    let mut each = |value: Value| to.message(1, |to| any_value(to, &value));
    match array {
        Array::Bool(values) => values.iter().for_each(|&value| each(value.into())),
        Array::I64(values) => values.iter().for_each(|&value| each(value.into())),
        Array::F64(values) => values.iter().for_each(|&value| each(value.into())),
        Array::String(values) => values.iter().for_each(|value| each(value.clone().into())),
        other => each(other.to_string().into()),
    }
}
