//! A server on loopback that answers like models: the same numbers in the formats of several providers.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::Json;
use axum::response::Response;
use axum::routing::post;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Starts the server, and returns its address.
pub async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let router = Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/responses", post(responses))
        .route("/api/chat", post(ollama));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Answers with 100 tokens for 20, of which 40 were cached.
///
/// The model calls the first tool that it is offered, once, with the arguments of a person or a city.
async fn chat(Json(request): Json<Value>) -> Response {
    let usage = json!({
        "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
        "prompt_tokens_details": { "cached_tokens": 40 },
    });
    let common = json!({ "id": "chat-1", "created": 1, "model": "gpt-4o-mini-2024-07-18" });
    let with = |fields: Value| {
        let mut all = common.clone();
        for (key, value) in fields.as_object().expect("an object") {
            all[key] = value.clone();
        }
        all
    };
    if request["stream"] == true {
        let chunk = |delta: Value, reason: Value| {
            with(
                json!({ "object": "chat.completion.chunk", "usage": null, "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] }),
            )
        };
        return events(vec![
            ("", chunk(json!({ "role": "assistant", "content": "" }), Value::Null)),
            ("", chunk(json!({ "content": "Ber" }), Value::Null)),
            ("", chunk(json!({ "content": "gen" }), Value::Null)),
            ("", chunk(json!({}), json!("stop"))),
            ("", with(json!({ "object": "chat.completion.chunk", "choices": [], "usage": usage }))),
        ]);
    }
    let has_called =
        request["messages"].as_array().is_some_and(|messages| messages.iter().any(|message| message["role"] == "tool"));
    let tool = request["tools"][0]["function"]["name"].as_str().filter(|_| !has_called);
    let (message, reason) = match tool {
        Some(name) => {
            let arguments = json!({ "name": "Ada", "city": "Bergen" }).to_string();
            let call =
                json!({ "id": "call-1", "type": "function", "function": { "name": name, "arguments": arguments } });
            (json!({ "role": "assistant", "content": null, "tool_calls": [call] }), "tool_calls")
        }
        None => (json!({ "role": "assistant", "content": "Bergen" }), "stop"),
    };
    let choices = json!([{ "index": 0, "message": message, "finish_reason": reason, "logprobs": null }]);
    answer(&with(json!({ "object": "chat.completion", "choices": choices, "usage": usage })))
}

async fn responses(Json(request): Json<Value>) -> Response {
    let response = |status: &str, output: Value, usage: Value| {
        json!({
            "id": "resp-1", "object": "response", "created_at": 1, "status": status, "model": "gpt-4o-mini-2024-07-18",
            "instructions": "You are brief.", "output": output, "usage": usage, "parallel_tool_calls": true,
            "tools": [], "tool_choice": "auto", "metadata": {}, "temperature": 1.0, "top_p": 1.0,
        })
    };
    let usage = json!({
        "input_tokens": 100, "input_tokens_details": { "cached_tokens": 40 },
        "output_tokens": 20, "output_tokens_details": { "reasoning_tokens": 0 }, "total_tokens": 120,
    });
    let message = json!([{
        "type": "message", "id": "msg-1", "status": "completed", "role": "assistant",
        "content": [{ "type": "output_text", "text": "Bergen", "annotations": [] }],
    }]);
    let whole = response("completed", message, usage);
    if request["stream"] == true {
        let empty = response("in_progress", json!([]), Value::Null);
        return events(vec![
            ("response.created", json!({ "type": "response.created", "sequence_number": 0, "response": empty })),
            (
                "response.in_progress",
                json!({ "type": "response.in_progress", "sequence_number": 1, "response": empty }),
            ),
            (
                "response.output_text.delta",
                json!({ "type": "response.output_text.delta", "sequence_number": 2, "item_id": "msg-1", "output_index": 0, "content_index": 0, "delta": "Bergen" }),
            ),
            ("response.completed", json!({ "type": "response.completed", "sequence_number": 3, "response": whole })),
        ]);
    }
    answer(&whole)
}

async fn ollama(Json(request): Json<Value>) -> Response {
    let part = |text: &str, last: Option<Value>| {
        let mut part = json!({
            "model": "llama3.2", "created_at": "2026-01-01T00:00:00Z",
            "message": { "role": "assistant", "content": text }, "done": last.is_some(),
        });
        for (key, value) in last.iter().filter_map(Value::as_object).flatten() {
            part[key] = value.clone();
        }
        part
    };
    let end = json!({
        "done_reason": "stop", "total_duration": 5, "load_duration": 1, "prompt_eval_count": 100, "prompt_eval_duration": 1,
        "eval_count": 20, "eval_duration": 1,
    });
    if request["stream"] == true {
        let lines = [part("", None), part("Bergen", None), part("", Some(end))].map(|part| format!("{part}\n"));
        return in_parts(lines.to_vec(), "application/x-ndjson");
    }
    answer(&part("Bergen", Some(end)))
}

fn answer(body: &Value) -> Response {
    Response::builder()
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .expect("a response")
}

fn events(events: Vec<(&str, Value)>) -> Response {
    let text = |(name, data): (&str, Value)| {
        let name = if name.is_empty() { String::new() } else { format!("event: {name}\n") };
        format!("{name}data: {data}\n\n")
    };
    let mut texts: Vec<String> = events.into_iter().map(text).collect();
    texts.push("data: [DONE]\n\n".to_owned());
    in_parts(texts, "text/event-stream")
}

/// Sends the parts one by one.
fn in_parts(parts: Vec<String>, content_type: &str) -> Response {
    let parts = futures_util::stream::iter(parts).map(Ok::<_, Infallible>);
    Response::builder().header("content-type", content_type).body(Body::from_stream(parts)).expect("a response")
}
