//! Calls of models, complete or streamed; each attempt is a call of its own.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, TryStreamExt as _};
use tta_runtime::block::{Block, CircuitBreaker, Retry, RetryBudget};
use tta_runtime::{llm, primitive};

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

    pub(crate) fn name(&self) -> &'static str {
        self.name
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
    record_prompt(prompt);
    let completion = client.complete(model, prompt).await?;
    llm::content(|content| {
        content.output_messages(&completion.text);
    });
    Ok(completion)
}

/// Requests a streamed answer, which records the time to its first chunk.
#[primitive(type = "llm", action = "stream", provider = "openai", model = capped(&model),
            error_type = ChatError::error_type)]
fn chat_stream(
    client: ChatClient,
    model: String,
    prompt: Prompt,
) -> impl Stream<Item = Result<Chunk, ChatError>> + Send {
    record_prompt(&prompt);
    let mut text = String::new();
    client.stream(model, prompt).inspect_ok(move |chunk| {
        text += &chunk.text;
        if chunk.usage.is_some() {
            llm::content(|content| {
                content.output_messages(&text);
            });
        }
    })
}

/// Records the prompt of the current call, if the environment wants content.
fn record_prompt(prompt: &Prompt) {
    llm::content(|content| {
        content.system_instructions(&prompt.instruction).input_messages(&prompt.text);
    });
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

#[cfg(test)]
mod tests {
    use tta_runtime::testing::Recording;

    use super::*;
    use crate::server::{Behaviour, FaultShare, Server};

    #[tokio::test]
    async fn prompts_and_answers_are_recorded_where_content_is_wanted() {
        let faults = FaultShare::from_percent(0.0).expect("a percentage");
        let server = Server::start(Behaviour { seed: 1, faults, latency_factor: 0.0 }).await.expect("a server");
        let client = ChatClient::new(&server.base_url(), None, Duration::from_secs(60)).expect("a client");
        let model = Model::new(client, "gpt-4o-mini");
        let text = "Question: What does oil cost?\n\n[1] lamps\nGas burns white. Oil costs two dollars.";
        let prompt = || Prompt { instruction: "Answer in one sentence.".to_owned(), text: text.to_owned() };
        let recording = Recording::in_real_time().with_content(str::to_owned);
        let answers = recording
            .scope(async {
                let answer = ask(model.request(prompt())).await.expect("it answers");
                [answer, ask_streaming(model.request(prompt())).await.expect("it answers")]
            })
            .await;
        let spans = recording.spans();
        assert_eq!(spans.len(), 2);
        for (span, answer) in spans.iter().zip(answers) {
            let recorded = |key: &str| {
                let known = span.attributes.iter().find(|known| known.key.as_str() == key);
                known.map(|known| known.value.as_str().into_owned()).unwrap_or_default()
            };
            let message = |role: &str, text: &str| {
                serde_json::json!([{"role": role, "parts": [{"type": "text", "content": text}]}]).to_string()
            };
            assert_eq!(recorded("gen_ai.input.messages"), message("user", text));
            assert_eq!(recorded("gen_ai.output.messages"), message("assistant", &answer));
            assert!(recorded("gen_ai.system_instructions").contains("Answer in one sentence."));
            assert_eq!(recorded("gen_ai.request.temperature"), "0");
        }
    }
}
