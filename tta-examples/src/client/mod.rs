//! A client of `OpenAI`'s chat completions API, which many services implement.

mod error;
mod message;
mod sse;
mod wire;

use std::time::Duration;

use futures_util::{Stream, StreamExt as _, TryStreamExt as _, future, stream};
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Value, json};
use tokio::time::Instant;
use tta_runtime::{llm, propagation};

pub(crate) use crate::client::error::ChatError;
pub(crate) use crate::client::message::{Chunk, Completion, Prompt};
use crate::client::sse::Events;
use crate::client::wire::{Answer, Delta, body, parse};

/// A client of one service.
#[derive(Clone, Debug)]
pub(crate) struct ChatClient {
    http: reqwest::Client,
    base_url: String,
    headers: HeaderMap,
    limit: Duration,
}

/// The reason why a client cannot be created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("`{base_url}` is not the address of a service, such as `https://api.openai.com/v1`")]
    Address { base_url: String },
    #[error("the API key has a character that an HTTP header cannot carry")]
    Key(#[source] header::InvalidHeaderValue),
    #[error("the HTTP client cannot start")]
    Http(#[source] reqwest::Error),
}

impl ChatClient {
    /// Creates a client of the service at `base_url`, such as `https://api.openai.com/v1`, with a time limit for each answer.
    ///
    /// # Errors
    ///
    /// Returns an error if `base_url` is not an HTTP address, if a header cannot carry the key, or if TLS cannot be initialized.
    pub(crate) fn new(base_url: &str, api_key: Option<&str>, limit: Duration) -> Result<Self, ClientError> {
        if !reqwest::Url::parse(base_url).is_ok_and(|url| ["http", "https"].contains(&url.scheme())) {
            return Err(ClientError::Address { base_url: base_url.to_owned() });
        }
        let mut headers = HeaderMap::new();
        if let Some(api_key) = api_key {
            let mut value = HeaderValue::try_from(format!("Bearer {api_key}")).map_err(ClientError::Key)?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        let http = reqwest::Client::builder().build().map_err(ClientError::Http)?;
        Ok(Self { http, base_url: base_url.trim_end_matches('/').to_owned(), headers, limit })
    }

    /// Requests a complete answer.
    ///
    /// # Errors
    ///
    /// Returns an error if the request fails; it is not retried.
    pub(crate) async fn complete(&self, model: &str, prompt: &Prompt) -> Result<Completion, ChatError> {
        let limit = self.limit;
        let answer = async {
            let response = self.send(&body(model, prompt)).await?;
            let bytes = response.bytes().await.map_err(|source| ChatError::Disconnected { source })?;
            let answer: Answer = parse(&bytes)?;
            Ok(Completion { text: answer.text(), usage: answer.usage() })
        };
        tokio::time::timeout(limit, answer).await.map_err(|source| ChatError::TimedOut { limit, source })?
    }

    /// Requests an answer as a stream of chunks.
    ///
    /// The stream ends after its first error. A body that ends before `[DONE]` is an error.
    pub(crate) fn stream(self, model: String, prompt: Prompt) -> impl Stream<Item = Result<Chunk, ChatError>> + Send {
        let limit = self.limit;
        let deadline = Instant::now() + limit;
        let opened = async move {
            let mut body = body(&model, &prompt);
            body["stream"] = json!(true);
            body["stream_options"] = json!({"include_usage": true});
            let events = Events::of(self.send(&body).await?.bytes_stream());
            let mut finish_reasons = Vec::new();
            let mut chunk = move |event: Vec<u8>| parse::<Delta>(&event).map(|delta| delta.chunk(&mut finish_reasons));
            Ok(events.into_stream().and_then(move |event| future::ready(chunk(event))))
        };
        let mut chunks = Box::pin(stream::once(opened).try_flatten());
        // The limit applies to the whole answer, not to each chunk.
        let within_limit = stream::poll_fn(move |context| chunks.poll_next_unpin(context));
        stream::unfold(Some(Box::pin(within_limit)), move |chunks| async move {
            let mut chunks = chunks?;
            match tokio::time::timeout_at(deadline, chunks.next()).await {
                Ok(Some(Ok(chunk))) => Some((Ok(chunk), Some(chunks))),
                Ok(Some(Err(error))) => Some((Err(error), None)),
                Ok(None) => None,
                Err(source) => Some((Err(ChatError::TimedOut { limit, source }), None)),
            }
        })
    }

    async fn send(&self, body: &Value) -> Result<reqwest::Response, ChatError> {
        let mut headers = self.headers.clone();
        propagation::inject(&mut headers);
        llm::request(body);
        let url = format!("{}/chat/completions", self.base_url);
        let sent = self.http.post(&url).headers(headers).json(body).send().await;
        let response = sent.map_err(|source| ChatError::of_sending(url, source))?;
        if response.status().is_success() { Ok(response) } else { Err(ChatError::of_status(response).await) }
    }
}

#[cfg(test)]
mod tests {
    use tta_runtime::llm::Usage;

    use super::*;
    use crate::client::error::ChatErrorType;
    use crate::server::{Behaviour, FaultShare, Server};

    const PROMPT: &str = "Question: What does oil cost?\n\n[1] lamps\nGas burns white. Oil costs two dollars.";

    async fn server(fault_percent: f64, latency_factor: f64) -> (Server, ChatClient) {
        let faults = FaultShare::from_percent(fault_percent).expect("a percentage");
        let server = Server::start(Behaviour { seed: 1, faults, latency_factor }).await.expect("a server");
        let client = ChatClient::new(&server.base_url(), None, Duration::from_secs(60)).expect("a client");
        (server, client)
    }

    fn prompt(text: &str) -> Prompt {
        Prompt { instruction: "Answer in at most 1 sentence.".to_owned(), text: text.to_owned() }
    }

    #[tokio::test]
    async fn an_answer_has_its_usage() {
        let (_server, client) = server(0.0, 0.0).await;
        let answer = client.complete("gpt-4o-mini", &prompt(PROMPT)).await.expect("an answer");
        assert_eq!(answer.text, "Oil costs two dollars. [1]");
        let usage = answer.usage.expect("usage");
        assert_eq!(usage.output_tokens, crate::tokens::tokens(&answer.text).len() as u64);
        assert_eq!(usage.response_model.as_deref(), Some("gpt-4o-mini"));
        assert_eq!(usage.finish_reasons, ["stop"]);
    }

    #[tokio::test]
    async fn a_stream_adds_up_to_the_answer() {
        let (_server, client) = server(0.0, 0.0).await;
        let whole = client.complete("gpt-4o", &prompt(PROMPT)).await.expect("an answer");
        let chunks: Vec<Chunk> =
            client.stream("gpt-4o".to_owned(), prompt(PROMPT)).try_collect().await.expect("a stream");
        assert_eq!(chunks.iter().map(|chunk| chunk.text.as_str()).collect::<String>(), whole.text);
        let usages: Vec<&Usage> = chunks.iter().filter_map(|chunk| chunk.usage.as_ref()).collect();
        assert_eq!(usages.len(), 1);
        assert_eq!(usages[0].output_tokens, whole.usage.expect("usage").output_tokens);
        assert_eq!(usages[0].finish_reasons, ["stop"]);
    }

    #[tokio::test]
    async fn a_refusal_says_why() {
        let (_server, client) = server(0.0, 0.0).await;
        let error = client.complete("gpt-9", &prompt("x")).await.expect_err("an error");
        assert_eq!(error.error_type(), ChatErrorType::Refused);
        assert_eq!(
            error.to_string(),
            "status 404 Not Found: The model `gpt-9` does not exist or you do not have access to it."
        );
    }

    #[tokio::test]
    async fn every_fault_is_an_error_of_its_own_type() {
        let (_server, client) = server(100.0, 0.0).await;
        let mut types = std::collections::BTreeSet::new();
        for number in 0..60 {
            let prompt = prompt(&format!("Oil {number} burns."));
            if let Err(error) = client.complete("gpt-4o-mini", &prompt).await {
                types.insert(format!("{:?}", error.error_type()));
            }
            let chunks: Result<Vec<Chunk>, _> =
                client.clone().stream("gpt-4o-mini".to_owned(), prompt).try_collect().await;
            if let Err(error) = chunks {
                types.insert(format!("stream {:?}", error.error_type()));
            }
        }
        let expected = ["Disconnected", "Malformed", "RateLimited", "ServerError"];
        let expected = expected.iter().flat_map(|name| [(*name).to_owned(), format!("stream {name}")]).collect();
        assert_eq!(types, expected);
    }

    #[test]
    fn an_address_that_is_none_is_refused_at_the_start() {
        for base_url in ["", "localhost:11434/v1", "ftp://example.org/v1"] {
            let error = ChatClient::new(base_url, None, Duration::from_secs(1)).expect_err("an error");
            let example = "such as `https://api.openai.com/v1`";
            assert_eq!(error.to_string(), format!("`{base_url}` is not the address of a service, {example}"));
        }
    }

    #[tokio::test]
    async fn a_closed_port_is_unreachable() {
        let (server, _) = server(0.0, 0.0).await;
        let address = server.base_url();
        drop(server);
        let client = ChatClient::new(&address, None, Duration::from_secs(60)).expect("a client");
        // The listener closes once the runtime has dropped the aborted task.
        tokio::task::yield_now().await;
        let error = client.complete("gpt-4o", &prompt("x")).await.expect_err("an error");
        assert_eq!(error.to_string(), format!("{address}/chat/completions cannot be reached"));
    }

    #[tokio::test]
    async fn an_answer_after_the_limit_is_a_timeout() {
        let (_server, mut client) = server(0.0, 1_000.0).await;
        client.limit = Duration::from_millis(1);
        let error = client.complete("gpt-4o", &prompt(PROMPT)).await.expect_err("an error");
        assert_eq!(error.error_type(), ChatErrorType::TimedOut);
        let stream = client.stream("gpt-4o".to_owned(), prompt(PROMPT));
        let error = stream.try_collect::<Vec<_>>().await.expect_err("an error");
        assert_eq!(error.to_string(), "no complete answer within 1ms");
    }
}
