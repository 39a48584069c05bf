//! Attributes as JSON.

use opentelemetry::{Array, KeyValue, Value};
use serde::Serialize;
use serde_json::json;

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Attribute {
    key: String,
    value: serde_json::Value,
}

impl From<&KeyValue> for Attribute {
    fn from(attribute: &KeyValue) -> Self {
        Self { key: attribute.key.to_string(), value: plain(&attribute.value) }
    }
}

/// Returns the value as a text, a number, true or false, or a list of one of these. JSON has no infinite numbers: they are texts.
fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(value) => json!(value),
        Value::I64(number) => json!(number),
        Value::F64(number) => double(*number),
        Value::Array(Array::Bool(items)) => json!(items),
        Value::Array(Array::I64(items)) => json!(items),
        Value::Array(Array::F64(items)) => items.iter().copied().map(double).collect(),
        Value::Array(Array::String(items)) => items.iter().map(|item| json!(item.as_str())).collect(),
        other => json!(other.as_str()),
    }
}

fn double(number: f64) -> serde_json::Value {
    if number.is_finite() { json!(number) } else { json!(number.to_string()) }
}

/// Returns the value as OTLP's `AnyValue` in JSON: whole numbers are texts there.
pub(super) fn otlp(value: &Value) -> serde_json::Value {
    let list = |values: Vec<serde_json::Value>| json!({"arrayValue": {"values": values}});
    match value {
        Value::Bool(value) => json!({"boolValue": value}),
        Value::I64(number) => json!({"intValue": number.to_string()}),
        Value::F64(number) => json!({"doubleValue": double(*number)}),
        Value::Array(Array::Bool(items)) => list(items.iter().map(|item| json!({"boolValue": item})).collect()),
        Value::Array(Array::I64(items)) => {
            list(items.iter().map(|item| json!({"intValue": item.to_string()})).collect())
        }
        Value::Array(Array::F64(items)) => {
            list(items.iter().map(|item| json!({"doubleValue": double(*item)})).collect())
        }
        Value::Array(Array::String(items)) => {
            list(items.iter().map(|item| json!({"stringValue": item.as_str()})).collect())
        }
        other => json!({"stringValue": other.as_str()}),
    }
}
