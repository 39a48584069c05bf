//! Calls of models, complete or streamed; each attempt is a call of its own.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, TryStreamExt as _};
use tta_runtime::block::{Block, CircuitBreaker, Retry, RetryBudget};
use tta_runtime::primitive;

use crate::client::{ChatClient, ChatError, Chunk, Completion, Prompt};

/// The wait before the second attempt, doubled before the third.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait; a service that asks for more is not retried.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// A model, with the retry budget and the circuit breaker that all its requests share.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    client: ChatClient,
    name: &'static str,
    retries: RetryBudget,
    breaker: CircuitBreaker<ChatError>,
}

/// A prompt for a model.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) model: Model,
    pub(crate) prompt: Arc<Prompt>,
}

impl Model {
    pub(crate) fn new(client: ChatClient, name: &'static str) -> Self {
        let breaker = CircuitBreaker::at_failure_rate(0.8, Duration::from_secs(60), 20)
            .cool_down(FIRST_WAIT)
            .neutral(|error: &ChatError| !error.is_transient())
            .named(name);
        Self { client, name, retries: RetryBudget::share(0.5), breaker }
    }

    pub(crate) fn request(&self, prompt: Prompt) -> Request {
        Request { model: self.clone(), prompt: Arc::new(prompt) }
    }

    /// Wraps a call with retries of transient errors, and with the model's circuit breaker.
    pub(crate) fn with_retries<W>(&self, call: W) -> impl Block<Request, Output = W::Output, Error = ChatError> + use<W>
    where
        W: Block<Request, Error = ChatError>,
    {
        let retry = Retry::when(ChatError::is_transient)
            .retry_after(ChatError::retry_after)
            .backoff(FIRST_WAIT, MAX_WAIT)
            .budget(self.retries.clone());
        call.with(self.breaker.clone()).with(retry)
    }
}

/// Requests a complete answer.
#[primitive(type = "llm", action = "chat", provider = "openai", model = capped(model),
            error_type = ChatError::error_type)]
async fn chat(client: &ChatClient, model: &str, prompt: &Prompt) -> Result<Completion, ChatError> {
    client.complete(model, prompt).await
}

/// Requests a streamed answer, which records the time to its first chunk.
#[primitive(type = "llm", action = "stream", provider = "openai", model = capped(&model),
            error_type = ChatError::error_type)]
fn chat_stream(
    client: ChatClient,
    model: String,
    prompt: Prompt,
) -> impl Stream<Item = Result<Chunk, ChatError>> + Send {
    client.stream(model, prompt)
}

/// Returns the text of a complete answer.
pub(crate) async fn ask(Request { model, prompt }: Request) -> Result<String, ChatError> {
    Ok(chat(&model.client, model.name, &prompt).await?.text)
}

/// Returns the joined text of a streamed answer.
pub(crate) async fn ask_streaming(Request { model, prompt }: Request) -> Result<String, ChatError> {
    let chunks = chat_stream(model.client, model.name.to_owned(), (*prompt).clone());
    chunks.try_fold(String::new(), |text, chunk| async move { Ok(text + &chunk.text) }).await
}
