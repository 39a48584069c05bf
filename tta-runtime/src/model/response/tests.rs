//! Response bodies from the documentation of providers, and arbitrary ones.

use std::path::{Path, PathBuf};

use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{NanoUsd, Usage, UsageReader, shapes};

/// Returns the bodies in `testdata/responses`, by provider and file; a list holds the events of a stream.
fn bodies() -> Vec<(String, String, Vec<Value>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/responses");
    let mut bodies = Vec::new();
    for provider in entries(&directory) {
        for file in entries(&provider) {
            let text = std::fs::read_to_string(&file).unwrap();
            let parts = match serde_json::from_str(&text).unwrap() {
                Value::Array(parts) => parts,
                whole => vec![whole],
            };
            let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
            bodies.push((name(&provider), name(&file), parts));
        }
    }
    bodies
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Formats the fields that are set in a usage, on one line.
fn shown(usage: &Usage) -> String {
    let Value::Object(fields) = serde_json::to_value(usage).unwrap() else { panic!("a usage is an object") };
    let is_set = |value: &Value| *value != json!(0) && *value != json!(null) && *value != json!([]);
    let set = fields.iter().filter(|(_, value)| is_set(value));
    set.map(|(name, value)| format!(" {}={value}", name.trim_end_matches("_tokens"))).collect::<Vec<_>>().concat()
}

/// Asserts that the usage in the text of a body is that in the parsed body.
#[track_caller]
pub(super) fn check_text(provider: &str, body: &Value) {
    let text = serde_json::to_vec(body).unwrap();
    let whole: Value = serde_json::from_slice(&text).unwrap();
    let of_text = Usage::from_response_text(provider, &text).unwrap();
    assert_eq!(of_text, Usage::from_response(provider, &whole), "{provider}: {body}");
}

#[test]
fn documented_bodies_are_read() {
    let mut read = Vec::new();
    for (provider, file, parts) in bodies() {
        let mut reader = UsageReader::new(&provider);
        for part in &parts {
            reader.read(part);
        }
        read.push(format!("{provider}/{file}:{}\n", shown(&reader.usage().unwrap())));
        if let [whole] = &*parts {
            assert_eq!(Usage::from_response(&provider, whole), reader.usage(), "{provider}/{file}");
        }
        check_text(&provider, &Value::from(parts.clone()));
        for part in &parts {
            check_text(&provider, part);
        }
    }
    expect![[r#"
        anthropic/message_batch_thinking: finish_reasons=["max_tokens"] input=2095 output=503 reasoning=470 response_id="msg_02X" response_model="claude-opus-4-5-20251101" service_tier="batch"
        anthropic/message_cache_5m_1h: cache_write_1h=40 cache_write_5m=60 cached_input=400 finish_reasons=["end_turn"] input=1000 output=200 response_id="msg_01X" response_model="claude-sonnet-4-5-20250929" service_tier="standard"
        anthropic/message_cache_older: cache_write_5m=1886 finish_reasons=["end_turn"] input=1907 output=393 response_id="msg_03X" response_model="claude-3-5-haiku-20241022"
        anthropic/message_stream: cached_input=3000 finish_reasons=["tool_use"] input=3472 output=89 response_id="msg_04X" response_model="claude-sonnet-4-5-20250929" service_tier="priority"
        anthropic/message_stream_whole_delta: cache_write_1h=70 finish_reasons=["end_turn"] input=80 output=310 response_id="msg_05X" response_model="claude-opus-4-5-20251101"
        azure/chat: cached_input=1152 finish_reasons=["stop"] input=1300 output=16 response_id="chatcmpl-AZ1" response_model="gpt-4o-2024-11-20"
        bedrock/converse_cache: cache_write_1h=40 cache_write_5m=60 cached_input=400 finish_reasons=["end_turn"] input=1000 output=200 service_tier="priority"
        bedrock/converse_stream: finish_reasons=["max_tokens"] input=47 output=20
        bedrock/invoke_model_anthropic: cached_input=2048 finish_reasons=["end_turn"] input=2078 output=9 response_id="msg_bdrk_01" response_model="claude-sonnet-4-5-20250929"
        cohere/chat_v2: finish_reasons=["COMPLETE"] input=5 output=418 response_id="c14c80c3"
        cohere/chat_v2_stream: finish_reasons=["MAX_TOKENS"] input=17 output=8 response_id="29f14a5a"
        cohere/embed: input=2 response_id="da6e531f"
        gateway/claude_passed_on: cache_write_1h=40 cache_write_5m=60 cached_input=400 finish_reasons=["end_turn"] input=1000 output=200 response_id="msg_01X" response_model="claude-sonnet-4-5-20250929" service_tier="standard"
        google/generate_content_audio_tools: audio_input=300 audio_output=40 cached_audio=200 cached_input=200 finish_reasons=["MAX_TOKENS"] input=650 output=40 response_id="Zc8fb0" response_model="gemini-2.5-flash" service_tier="flex"
        google/generate_content_stream: finish_reasons=["STOP"] input=12 output=64 reasoning=60 response_id="Zc8fc1" response_model="gemini-2.5-flash"
        google/generate_content_thoughts: cached_input=1000 finish_reasons=["STOP"] input=1500 output=1000 reasoning=880 response_id="Zc8faZ" response_model="gemini-2.5-pro"
        mistral/chat: cached_input=128 finish_reasons=["stop"] input=160 output=29 response_id="cmpl-e5cc" response_model="mistral-large-2411"
        ollama/chat: finish_reasons=["stop"] input=26 output=282 response_model="llama3.2"
        ollama/generate_stream: finish_reasons=["length"] input=11 output=18 response_model="llama3.2"
        openai/chat_audio_two_choices: audio_input=250 audio_output=70 finish_reasons=["stop","length"] input=300 output=90 response_id="chatcmpl-CG2" response_model="gpt-4o-audio-preview-2025-06-03"
        openai/chat_cached_reasoning: cached_input=400 finish_reasons=["stop"] input=1000 output=200 reasoning=128 response_id="chatcmpl-CG1" response_model="gpt-5-2025-08-07" service_tier="standard"
        openai/chat_priority: finish_reasons=["tool_calls"] input=82 output=17 response_id="chatcmpl-CG3" response_model="gpt-5.1-2025-11-13" service_tier="priority"
        openai/chat_stream: cached_input=1024 finish_reasons=["stop"] input=1117 output=46 response_id="chatcmpl-CG4" response_model="gpt-4o-mini-2024-07-18" service_tier="flex"
        openai/embeddings: input=8 response_model="text-embedding-3-small"
        openai/responses: cached_input=256 input=328 output=552 reasoning=512 response_id="resp_68af" response_model="o4-mini-2025-04-16" service_tier="flex"
        openai/responses_cut_off: finish_reasons=["max_output_tokens"] input=75 output=64 reasoning=64 response_id="resp_68b0" response_model="gpt-5-mini-2025-08-07"
        openai/responses_stream: input=37 output=11 response_id="resp_68b1" response_model="gpt-5-2025-08-07" service_tier="standard"
        openrouter/chat_with_cost: cache_write_5m=100 cost=612000 finish_reasons=["stop"] input=194 output=2 response_id="gen-1763" response_model="anthropic/claude-sonnet-4.5"
        xai/chat_reasoning: cached_input=6 cost=1625250 finish_reasons=["stop"] input=32 output=103 reasoning=94 response_id="0daf962f" response_model="grok-4-0709"
    "#]].assert_eq(&read.concat());
}

#[test]
fn an_invalid_count_is_ignored() {
    let read = |usage: Value| Usage::from_response("openai", &json!({ "usage": usage }));
    let counts =
        [json!(-5), json!(1.5), json!("12"), json!(null), json!(1e300), json!(u64::MAX), json!([1]), json!({})];
    for number in counts {
        assert_eq!(
            read(json!({ "prompt_tokens": number, "completion_tokens": 7 })),
            Some(Usage::new(0, 7)),
            "{number}"
        );
        assert_eq!(read(json!({ "prompt_tokens": number, "completion_tokens": number })), None, "{number}");
    }
    assert_eq!(read(json!({ "prompt_tokens": 12.0 })), Some(Usage::new(12, 0)));
    assert_eq!(read(json!({ "total_tokens": 12 })), None);
    assert_eq!(read(json!([])), None);
}

#[test]
fn an_implausible_cost_is_ignored() {
    let read = |cost: Value| {
        Usage::from_response("openrouter", &json!({ "usage": { "prompt_tokens": 1, "cost": cost } })).unwrap().cost
    };
    assert_eq!([json!("free"), json!(-1), json!(1e200), json!(1_000_000.01)].map(read), [None; 4]);
    assert_eq!(read(json!(1_000_000)), Some(NanoUsd(1_000_000_000_000_000)));
}

/// Arbitrary JSON values, with keys that occur in the shapes.
fn any_body() -> impl Strategy<Value = Value> {
    let keys: Vec<&str> = super::shapes::SHAPES
        .iter()
        .flat_map(|shape| {
            let rows = shape.own.iter().chain(shape.others.iter().copied().flatten());
            shape.objects.iter().chain(rows.flat_map(|(_, paths)| *paths))
        })
        .chain(shapes::ENVELOPES)
        .chain(shapes::FINISH_REASONS)
        .chain(shapes::SERVICE_TIERS)
        .flat_map(|path| path.split('.'))
        .chain(["cost", "cost_in_usd_ticks", "total_cost", "id", "model", "modality", "ttl", "content", "embedding"])
        .filter(|key| !key.is_empty())
        .collect();
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop_oneof![Just("AUDIO"), Just("5m"), Just("1h"), Just("batch"), Just("stop")].prop_map(Value::from),
        ".{0,300}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(proptest::sample::select(keys.clone()), inner, 0..8)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn parts_never_exceed_their_whole_for_any_body(
        provider in proptest::sample::select(vec!["openai", "anthropic", "google", "bedrock", "cohere", "ollama", "xai", ""]),
        parts in proptest::collection::vec(any_body(), 1..4),
    ) {
        let mut reader = UsageReader::new(provider);
        for part in &parts {
            reader.read(part);
            check_text(provider, part);
        }
        if let Some(usage) = reader.usage() {
            prop_assert_eq!(usage.parts().iter().map(|(_, n)| n).sum::<u64>(), usage.total_tokens());
        }
    }
}
