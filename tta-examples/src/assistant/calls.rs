//! The two ways in which a model is called; every attempt is a call of its own.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, TryStreamExt as _};
use tta_runtime::block::{Block, CircuitBreaker, Retry, RetryBudget};
use tta_runtime::primitive;

use crate::client::{ChatClient, ChatError, Chunk, Completion, Prompt};

/// The wait before the second attempt, doubled before the third.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// A service that asks for more patience than this is given up.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// One model, and what all requests to it share.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    client: ChatClient,
    name: &'static str,
    retries: RetryBudget,
    breaker: CircuitBreaker<ChatError>,
}

/// What a model is asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) model: Model,
    pub(crate) prompt: Arc<Prompt>,
}

impl Model {
    pub(crate) fn new(client: ChatClient, name: &'static str) -> Self {
        let breaker = CircuitBreaker::at_failure_rate(0.8, Duration::from_secs(60), 20)
            .cool_down(FIRST_WAIT)
            .neutral(|error: &ChatError| !error.may_pass())
            .named(name);
        Self { client, name, retries: RetryBudget::share(0.5), breaker }
    }

    pub(crate) fn request(&self, prompt: Prompt) -> Request {
        Request { model: self.clone(), prompt: Arc::new(prompt) }
    }

    /// Returns a way of asking that is tried again where that may help, and left alone while the model is down.
    pub(crate) fn patiently<W>(&self, ask: W) -> impl Block<Request, Output = W::Output, Error = ChatError> + use<W>
    where
        W: Block<Request, Error = ChatError>,
    {
        let retry = Retry::when(ChatError::may_pass)
            .retry_after(ChatError::retry_after)
            .backoff(FIRST_WAIT, LONGEST_WAIT)
            .budget(self.retries.clone());
        ask.with(self.breaker.clone()).with(retry)
    }
}

/// Asks for a whole answer.
#[primitive(type = "llm", action = "chat", provider = "openai", model = capped(model),
            error_type = ChatError::error_type)]
async fn chat(client: &ChatClient, model: &str, prompt: &Prompt) -> Result<Completion, ChatError> {
    client.complete(model, prompt).await
}

/// Asks for an answer in pieces, whose first one shows how soon a reader would see something.
#[primitive(type = "llm", action = "stream", provider = "openai", model = capped(&model),
            error_type = ChatError::error_type)]
fn chat_stream(
    client: ChatClient,
    model: String,
    prompt: Prompt,
) -> impl Stream<Item = Result<Chunk, ChatError>> + Send {
    client.stream(model, prompt)
}

/// Asks for a whole answer.
pub(crate) async fn whole(Request { model, prompt }: Request) -> Result<String, ChatError> {
    Ok(chat(&model.client, model.name, &prompt).await?.text)
}

/// Asks for an answer in pieces and joins them.
pub(crate) async fn in_pieces(Request { model, prompt }: Request) -> Result<String, ChatError> {
    let chunks = chat_stream(model.client, model.name.to_owned(), (*prompt).clone());
    chunks.try_fold(String::new(), |text, chunk| async move { Ok(text + &chunk.text) }).await
}
