//! The two ways in which a model is called; every attempt is a call of its own.

use futures_util::{Stream, TryStreamExt as _};
use tta_runtime::primitive;

use crate::client::{ChatClient, ChatError, Chunk, Completion, Prompt, with_retries};

/// Asks for a whole answer.
#[primitive(type = "llm", action = "chat", provider = "openai", model = capped(model),
            error_type = ChatError::error_type)]
pub(crate) async fn chat(client: &ChatClient, model: &str, prompt: &Prompt) -> Result<Completion, ChatError> {
    client.complete(model, prompt).await
}

/// Asks for an answer in pieces, whose first one shows how soon a reader would see something.
#[primitive(type = "llm", action = "stream", provider = "openai", model = capped(&model),
            error_type = ChatError::error_type)]
pub(crate) fn chat_stream(
    client: ChatClient,
    model: String,
    prompt: Prompt,
) -> impl Stream<Item = Result<Chunk, ChatError>> + Send {
    client.stream(model, prompt)
}

/// Asks for a whole answer, again where that may help.
pub(crate) async fn chat_patiently(client: &ChatClient, model: &str, prompt: &Prompt) -> Result<String, ChatError> {
    with_retries(|| async { Ok(chat(client, model, prompt).await?.text) }).await
}

/// Asks for an answer in pieces and joins them, from the start again where that may help.
pub(crate) async fn stream_patiently(client: &ChatClient, model: &str, prompt: &Prompt) -> Result<String, ChatError> {
    with_retries(|| async {
        let chunks = chat_stream(client.clone(), model.to_owned(), prompt.clone());
        chunks.try_fold(String::new(), |text, chunk| async move { Ok(text + &chunk.text) }).await
    })
    .await
}
