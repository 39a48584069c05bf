//! The bodies in `testdata/bodies.json`: what is read in each, what it costs, and what that is based on.

use std::path::Path;

use genai_prices::Calculator;
use serde_json::{Map, Value, json};

use super::{ModelName, PriceBasis, Prices, Usage, UsageReader};

/// A row of the table.
#[derive(serde::Deserialize)]
struct Row {
    name: String,
    provider: String,
    model: String,
    /// A whole response.
    body: Option<Value>,
    /// The events of a stream.
    chunks: Option<Vec<Value>>,
    /// The fields of the usage that are not empty.
    usage: Map<String, Value>,
    nanos: Option<u64>,
    basis: String,
    /// The arithmetic behind the nano-dollars: it is not this library's.
    source: String,
}

/// Returns what is wrong with a row, `None` if nothing is.
fn fault(row: &Row, prices: &Prices) -> Option<String> {
    let parts: Vec<&Value> = row.chunks.iter().flatten().chain(&row.body).collect();
    let mut reader = UsageReader::new(&*row.provider);
    for part in parts {
        reader.read(part);
    }
    let usage = reader.usage().unwrap_or_default();
    let Value::Object(mut fields) = serde_json::to_value(&usage).unwrap() else { panic!("a usage is an object") };
    fields.retain(|_, value| ![json!(0), json!(null), json!([])].contains(value));
    if fields != row.usage {
        return Some(format!("read {}, expected {}", Value::from(fields), Value::from(row.usage.clone())));
    }
    if let Some(body) = &row.body
        && Usage::from_response(&row.provider, body).unwrap_or_default() != usage
    {
        return Some("the reader and the function differ".into());
    }
    if let Some(body) = &row.body
        && Usage::from_response_text(&row.provider, body.to_string().as_bytes()).unwrap().unwrap_or_default() != usage
    {
        return Some("the text and the parsed body differ".into());
    }
    let cost = prices.cost(&ModelName::new(&row.provider, &row.model), &usage).filter(|_| !usage.is_empty());
    let nanos = cost.map(|cost| cost.nanos.0);
    let nothing = if usage.is_empty() { PriceBasis::NoUsage } else { PriceBasis::Unpriced };
    let basis = cost.map_or(nothing, |cost| cost.basis).as_str();
    (nanos != row.nanos || basis != row.basis)
        .then(|| format!("costs {nanos:?} {basis}, expected {:?} {} ({})", row.nanos, row.basis, row.source))
}

#[test]
fn every_body_is_read_and_priced() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/bodies.json");
    let rows: Vec<Row> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(rows.len() >= 150, "{} rows", rows.len());
    let prices = Prices::of(Some(Calculator::bundled()), None);
    let faults = rows.iter().filter_map(|row| Some(format!("{}: {}", row.name, fault(row, &prices)?)));
    let faults: Vec<_> = faults.collect();
    assert!(faults.is_empty(), "{} of {} rows:\n{}", faults.len(), rows.len(), faults.join("\n"));
}
