//! The time to read the usage in the text of a response, beside that of parsing all of it.

use std::hint::black_box;

use serde_json::{Value, json};
use tta_runtime::llm::Usage;

use super::report::{Aim, Case};
use super::rounds::nanoseconds_per_call;

/// Returns a chat completion with an answer of 2 KB, as OpenAI sends it.
pub(super) fn chat() -> Vec<u8> {
    let answer = "Bergen lies between seven mountains, and it rains there on 231 days of the year. ".repeat(25);
    let body = json!({
        "id": "chatcmpl-CG1xw0m4o1",
        "object": "chat.completion",
        "created": 1_757_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": answer, "refusal": null, "annotations": [] },
            "logprobs": null,
            "finish_reason": "stop",
        }],
        "usage": {
            "prompt_tokens": 1_117,
            "completion_tokens": 446,
            "total_tokens": 1_563,
            "prompt_tokens_details": { "cached_tokens": 1_024, "audio_tokens": 0 },
            "completion_tokens_details": {
                "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
            },
        },
        "service_tier": "default",
        "system_fingerprint": "fp_560af6e559",
    });
    body.to_string().into_bytes()
}

fn vector() -> Vec<f64> {
    (0..1_536).map(|n| f64::from(n).sin() / 40.0).collect()
}

/// Returns a vector of 1,536 numbers, as OpenAI sends it.
fn embedding() -> Vec<u8> {
    let body = json!({
        "object": "list",
        "data": [{ "object": "embedding", "index": 0, "embedding": vector() }],
        "model": "text-embedding-3-small",
        "usage": { "prompt_tokens": 8, "total_tokens": 8 },
    });
    body.to_string().into_bytes()
}

/// Returns the same vector as Ollama sends it, under a key at which another provider has usage.
fn embedding_of_ollama() -> Vec<u8> {
    let body = json!({ "model": "nomic-embed-text", "embeddings": [vector()], "prompt_eval_count": 8 });
    body.to_string().into_bytes()
}

fn read(body: &[u8]) {
    black_box(Usage::from_response_text("openai", black_box(body)).expect("it is JSON"));
}

pub(super) fn report() {
    let bodies = [
        ("a chat completion", chat()),
        ("an embedding", embedding()),
        ("an embedding of Ollama's", embedding_of_ollama()),
    ];
    for (name, body) in bodies {
        let ours = nanoseconds_per_call(|_| read(&body));
        let whole = nanoseconds_per_call(|_| {
            black_box(serde_json::from_slice::<Value>(black_box(&body)).expect("it is JSON"));
        });
        let name = format!("usage from the text of {name}");
        let peer = Some(("serde_json's whole parse", whole));
        Case { group: "call", name, unit: "ns", ours, peer, aim: Aim::Ratio(0.5) }.print();
    }
}
