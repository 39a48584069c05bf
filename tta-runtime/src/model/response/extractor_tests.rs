//! The same counts as every extractor of the crate `genai-prices`, for bodies made of its mappings.

use genai_prices::{Calculator, ExtractRequest};
use serde_json::{Map, Value, json};

use super::Usage;
use super::shapes::ENVELOPES;
use super::tests::check_text;
use crate::model::price_data::price_data;

/// The number for each of the crate's units in a body, so that parts are smaller than their whole, and which of several units
/// of one path says the number: the first in this list.
const NUMBERS: &[(&str, u64)] = &[
    ("cache_read_tokens", 110),
    ("cache_write_tokens", 60),
    ("cache_write_5m_tokens", 20),
    ("cache_write_1h_tokens", 40),
    ("cache_audio_read_tokens", 33),
    ("cache_image_read_tokens", 22),
    ("cache_text_read_tokens", 50),
    ("cache_video_read_tokens", 5),
    ("input_audio_tool_tokens", 9),
    ("input_image_tool_tokens", 8),
    ("input_text_tool_tokens", 7),
    ("input_video_tool_tokens", 6),
    ("input_tool_tokens", 41),
    ("input_audio_tokens", 90),
    ("input_image_tokens", 70),
    ("input_video_tokens", 30),
    ("input_text_tokens", 700),
    ("output_reasoning_tokens", 75),
    ("output_citation_tokens", 15),
    ("output_audio_tokens", 80),
    ("output_image_tokens", 45),
    ("output_video_tokens", 25),
    ("output_text_tokens", 300),
    ("web_searches", 3),
    ("audio_seconds", 12),
    ("input_annotated_document_pages", 7),
    ("input_document_pages", 7),
    ("input_text_messages", 2),
    ("input_tokens", 1_000),
    ("output_tokens", 500),
];

fn steps(path: &Value) -> Vec<Value> {
    path.as_array().cloned().unwrap_or_else(|| vec![path.clone()])
}

/// Sets the value at a path; a step may be an item of a list with a field of some text.
fn set(object: &mut Value, path: &[Value], value: Value) {
    let [step, rest @ ..] = path else {
        *object = value;
        return;
    };
    match step.as_str() {
        Some(key) => {
            if !object.is_object() {
                *object = json!({});
            }
            set(&mut object[key], rest, value);
        }
        None => {
            if !object.is_array() {
                *object = json!([]);
            }
            let (field, text) = (step["field"].as_str().unwrap(), &step["match"]["equals"]);
            let items = object.as_array_mut().unwrap();
            let place = items.iter().position(|item| item[field] == *text).unwrap_or_else(|| {
                items.push(json!({ field: text }));
                items.len() - 1
            });
            set(&mut items[place], rest, value);
        }
    }
}

/// Returns a body with every count that an extractor reads.
fn body(extractor: &Value) -> Value {
    let mut body = json!({ "model": "any" });
    let root = steps(&extractor["root"]);
    let mappings = extractor["mappings"].as_array().unwrap();
    for mapping in mappings {
        let units: Vec<_> = mappings.iter().filter(|other| other["path"] == mapping["path"]).collect();
        let is_of = |unit: &str| units.iter().any(|mapping| mapping["dest"] == unit);
        let (_, number) = NUMBERS.iter().find(|(unit, _)| is_of(unit)).unwrap_or_else(|| panic!("{mapping}"));
        set(&mut body, &[root.clone(), steps(&mapping["path"])].concat(), json!(number));
    }
    if extractor["api_flavor"] == "ocr_annotated" {
        body["document_annotation"] = json!("{}");
    }
    body
}

/// Asserts that both read the same counts, the body of the other may be inside of something.
#[track_caller]
fn check(provider: &str, flavour: &str, inner: &Value, body: &Value) {
    let request = ExtractRequest::from_value(inner).with_provider_id(provider).with_api_flavor(flavour);
    let theirs = Calculator::bundled().extract_provider_usage(&request).unwrap().usage;
    let theirs = |key: &str| theirs.get(key).unwrap_or_default() as u64;
    check_text(provider, body);
    let ours = Usage::from_response(provider, body).unwrap_or_default();
    let compared = [
        ("input", ours.input_tokens, theirs("input_tokens")),
        ("output", ours.output_tokens, theirs("output_tokens")),
        ("cached", ours.cached_input_tokens, theirs("cache_read_tokens")),
        ("written", ours.cache_write_tokens(), theirs("cache_write_tokens")),
        ("written for an hour", ours.cache_write_1h_tokens, theirs("cache_write_1h_tokens")),
        ("cached audio", ours.cached_audio_tokens, theirs("cache_audio_read_tokens")),
        ("cached images", ours.cached_image_tokens, theirs("cache_image_read_tokens")),
        ("audio", ours.audio_input_tokens + ours.cached_audio_tokens, theirs("input_audio_tokens")),
        ("images", ours.image_input_tokens + ours.cached_image_tokens, theirs("input_image_tokens")),
        ("video", ours.video_input_tokens + theirs("cache_video_read_tokens"), theirs("input_video_tokens")),
        ("reasoning", ours.reasoning_tokens, theirs("output_reasoning_tokens")),
        ("citation", ours.citation_tokens, theirs("output_citation_tokens")),
        ("audio received", ours.audio_output_tokens, theirs("output_audio_tokens")),
        ("images received", ours.image_output_tokens, theirs("output_image_tokens")),
        ("video received", ours.video_output_tokens, theirs("output_video_tokens")),
        ("web searches", ours.web_searches, theirs("web_searches")),
        ("milliseconds", ours.audio_milliseconds, theirs("audio_seconds") * 1_000),
        ("pages", ours.document_pages, theirs("input_document_pages")),
        ("annotated pages", ours.annotated_document_pages, theirs("input_annotated_document_pages")),
        ("messages", ours.text_messages, theirs("input_text_messages")),
    ];
    let differ: Vec<_> = compared.iter().filter(|(_, ours, theirs)| ours != theirs).collect();
    assert!(differ.is_empty(), "{provider} {flavour}: {differ:?} (ours, theirs) in {body}");
    assert_eq!(ours.reported_total_tokens, None, "{provider} {flavour}");
}

/// Calls `check` with the provider, the flavour and a body of each extractor.
fn each_extractor(mut check: impl FnMut(&str, &str, Value)) -> usize {
    let mut extractors = 0;
    for provider in price_data().as_array().unwrap() {
        for extractor in provider["extractors"].as_array().into_iter().flatten() {
            let flavour = extractor["api_flavor"].as_str().unwrap_or("default");
            check(provider["id"].as_str().unwrap(), flavour, body(extractor));
            extractors += 1;
        }
    }
    extractors
}

#[test]
fn every_extractor_agrees() {
    let extractors = each_extractor(|provider, flavour, body| check(provider, flavour, &body, &body));
    assert_eq!(extractors, 96);
}

#[test]
fn every_extractor_agrees_inside_of_envelopes() {
    each_extractor(|provider, flavour, body| {
        for outer in ENVELOPES.iter().chain(&["none"]) {
            for inner in ENVELOPES.iter().filter(|inner| **inner != "choices" && *outer != "choices") {
                let mut inside = json!({ "type": "event" });
                let path = [*outer, *inner].map(Value::from);
                set(&mut inside, &path[usize::from(*outer == "none")..], body.clone());
                check(provider, flavour, &body, &inside);
            }
        }
        check(provider, flavour, &body, &json!({ "choices": [{ "delta": {} }, body] }));
    });
}

#[test]
fn counts_of_other_shapes_that_are_zero_change_nothing() {
    each_extractor(|provider, flavour, body| {
        let mut mixed = body.clone();
        let root = ["usage"];
        if let Some(usage) = mixed.pointer_mut(&format!("/{}", root.join("/"))).and_then(Value::as_object_mut) {
            add_zeros(usage);
            check(provider, flavour, &body, &mixed);
        }
    });
}

/// Adds the counts of all other shapes to an object that lacks them, as gateways do.
fn add_zeros(usage: &mut Map<String, Value>) {
    let keys = [
        "prompt_tokens",
        "completion_tokens",
        "input_tokens",
        "output_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "prompt_cache_hit_tokens",
        "prompt_cache_miss_tokens",
        "inputTokens",
        "outputTokens",
        "cached_tokens",
        "reasoning_tokens",
        "num_search_queries",
    ];
    for key in keys {
        usage.entry(key).or_insert(json!(0));
    }
    for key in ["prompt_tokens_details", "completion_tokens_details", "input_tokens_details", "output_tokens_details"] {
        usage.entry(key).or_insert(json!({ "cached_tokens": 0, "audio_tokens": 0, "reasoning_tokens": 0 }));
    }
}
