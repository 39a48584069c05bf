//! Handles `POST /v1/chat/completions`.

use std::io;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream;
use serde_json::json;

use crate::server::answer::answer;
use crate::server::behaviour::Behaviour;
use crate::server::completion::{Completion, prompt_tokens};
use crate::server::faults::Fault;
use crate::server::latency::Pace;
use crate::server::prefix::PrefixCache;
use crate::server::protocol::{ChatCall, Delivery};
use crate::server::refusal::Refusal;
use crate::server::seed::{Seed, fingerprint};
use crate::server::stream::respond;
use crate::tokens::{Token, tokens};

/// Tokens that the real service adds to each message, and once to prime the answer.
const TOKENS_PER_MESSAGE: usize = 3;
const TOKENS_TO_PRIME: usize = 3;

/// The state that requests share.
#[derive(Debug)]
pub(crate) struct Service {
    behaviour: Behaviour,
    seed: Seed,
    prefixes: PrefixCache,
}

impl Service {
    pub(crate) fn new(behaviour: Behaviour) -> Self {
        // Loads the vocabulary, which would delay the first answer.
        tokens("");
        Self { behaviour, seed: Seed::new(behaviour.seed), prefixes: PrefixCache::new() }
    }

    fn complete(&self, call: &ChatCall) -> Completion {
        let mut content = answer(&call.messages);
        let mut finish_reason = "stop";
        if let Some(longest) = call.max_tokens {
            while tokens(&content).len() > longest {
                finish_reason = "length";
                content.truncate(content.trim_end().rfind(' ').unwrap_or(0));
            }
        }
        let prompt: Vec<Token> = call.messages.iter().flat_map(prompt_tokens).collect();
        Completion {
            id: format!("chatcmpl-{:016x}", fingerprint(content.as_bytes())),
            model: call.model.id,
            finish_reason,
            prompt_tokens: prompt.len() + TOKENS_PER_MESSAGE * call.messages.len() + TOKENS_TO_PRIME,
            cached_tokens: self.prefixes.cached_tokens(call.model.id, &prompt),
            answer_tokens: tokens(&content).len(),
            content,
        }
    }
}

/// Answers a request, or produces the fault drawn for it.
pub(crate) async fn complete(State(service): State<Arc<Service>>, body: Bytes) -> Result<Response, Refusal> {
    let call = ChatCall::parse(&body)?;
    let mut random = service.seed.draw(&body);
    let pace = Pace::draw(call.model, service.behaviour.latency_factor, &mut random);
    let fault = Fault::draw(service.behaviour.faults, &mut random);
    match fault {
        Some(Fault::ServerError) => return Err(Refusal::ServerError),
        Some(Fault::RateLimited { retry_after_seconds }) => return Err(Refusal::RateLimited { retry_after_seconds }),
        Some(Fault::Slow { extra }) => tokio::time::sleep(extra.mul_f64(service.behaviour.latency_factor)).await,
        Some(Fault::Disconnect | Fault::BrokenJson | Fault::WrongShape) | None => {}
    }
    let completion = service.complete(&call);
    if call.delivery != Delivery::Whole {
        return Ok(respond(&completion, call.delivery, pace, fault));
    }
    tokio::time::sleep(pace.whole(completion.answer_tokens)).await;
    let body = completion.body();
    Ok(match fault {
        Some(Fault::Disconnect) => broken_off(&body.to_string()),
        Some(Fault::BrokenJson) => {
            let body = body.to_string();
            let half = body.chars().take(body.chars().count() / 2).collect::<String>();
            ([(header::CONTENT_TYPE, "application/json")], half).into_response()
        }
        Some(Fault::WrongShape) => Json(json!({"id": completion.id, "result": completion.content})).into_response(),
        _ => Json(body).into_response(),
    })
}

/// Returns a response whose connection closes after half of its body.
fn broken_off(body: &str) -> Response {
    let half = Bytes::copy_from_slice(&body.as_bytes()[..body.len() / 2]);
    let failure = io::Error::from(io::ErrorKind::ConnectionReset);
    let mut response = Body::from_stream(stream::iter([Ok(half), Err(failure)])).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().expect("a header value"));
    response
}
