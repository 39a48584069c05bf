//! Usage and first content of other crates' clients, each by one line, from a model server on loopback.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, ChatCompletionResponseStream, CreateChatCompletionRequest,
    CreateChatCompletionRequestArgs, CreateChatCompletionResponse,
};
use async_openai::types::responses::{CreateResponse, CreateResponseArgs, Response, ResponseStream};
use expect_test::{Expect, expect};
use futures_util::{Stream, StreamExt};
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, ChatResponse, ChatStreamEvent};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use ollama_rs::Ollama;
use ollama_rs::error::OllamaError;
use ollama_rs::generation::chat::request::ChatMessageRequest;
use ollama_rs::generation::chat::{ChatMessageResponse, ChatMessageResponseStream};
use rig_agent::agent::PromptResponse;
use rig_agent::completion::{PromptError, StructuredOutputError};
use rig_agent::extractor::ExtractorBuilder;
use rig_agent::{AgentBuilder, TypedPromptResponse};
use rig_core::completion::{CompletionRequest, CompletionResponse};
use rig_core::error::ProviderError;
use rig_core::providers::openai::OpenAIConfig as RigConfig;
use rig_core::streaming::{Item, StreamEvent};
use tta_runtime::llm::{Usage, in_body};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;
use world::model_server;
use world::weather::Weather;

/// Checks the tokens and the cost of the calls, and the times to the first token.
///
/// The clock advances by a second with each item that is read.
async fn check(run: impl AsyncFnOnce(SocketAddr, &Recording), expected: &Expect) {
    let server = model_server::start().await;
    let recording = Recording::new();
    recording.scope(run(server, &recording)).await;
    let mut text = recording.tree();
    let waited = recording.metrics("tta_llm_time_to_first_token_seconds");
    for line in waited.lines().filter(|line| line.contains("_sum{")) {
        writeln!(text, "first content after {} s", line.rsplit(' ').next().unwrap_or_default())
            .expect("a string grows");
    }
    expected.assert_eq(&text);
}

async fn drain<T, E: std::fmt::Debug>(recording: &Recording, stream: impl Stream<Item = Result<T, E>>) {
    let mut stream = std::pin::pin!(stream);
    while let Some(item) = stream.next().await {
        item.expect("it is an item");
        recording.advance(Duration::from_secs(1));
    }
}

fn openai(server: SocketAddr) -> async_openai::Client<OpenAIConfig> {
    let config = OpenAIConfig::new().with_api_base(format!("http://{server}/v1")).with_api_key("key");
    async_openai::Client::with_config(config)
}

fn chat_request() -> CreateChatCompletionRequest {
    let message = ChatCompletionRequestUserMessage::from("Where?");
    CreateChatCompletionRequestArgs::default()
        .model("gpt-4o-mini")
        .messages([message.into()])
        .build()
        .expect("a request")
}

fn response_request() -> CreateResponse {
    CreateResponseArgs::default().model("gpt-4o-mini").input("Where?").build().expect("a request")
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = in_body("openai"))]
async fn chat(server: SocketAddr) -> Result<CreateChatCompletionResponse, OpenAIError> {
    openai(server).chat().create(chat_request()).await
}

#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini", usage = in_body("openai"), returns = stream)]
async fn chat_stream(server: SocketAddr) -> Result<ChatCompletionResponseStream, OpenAIError> {
    openai(server).chat().create_stream(chat_request()).await
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = in_body("openai"))]
async fn respond(server: SocketAddr) -> Result<Response, OpenAIError> {
    openai(server).responses().create(response_request()).await
}

#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini", usage = in_body("openai"), returns = stream)]
async fn response_stream(server: SocketAddr) -> Result<ResponseStream, OpenAIError> {
    openai(server).responses().create_stream(response_request()).await
}

#[tokio::test]
async fn async_openai_reports_its_usage() {
    check(
        async |server, recording| {
            chat(server).await.expect("it answers");
            recording.advance(Duration::from_secs(1));
            respond(server).await.expect("it answers");
            recording.advance(Duration::from_secs(1));
            drain(recording, chat_stream(server).await.expect("it answers")).await;
        },
        &expect![[r#"
            chat (primitive.llm.chat)  0 ns  success  gpt-4o-mini  tokens=120  $0.000024
            respond (primitive.llm.chat)  0 ns  success  gpt-4o-mini  tokens=120  $0.000024
            chat_stream (primitive.llm.stream)  5.00 s  success  gpt-4o-mini  tokens=120  $0.000024
            first content after 1 s
        "#]],
    )
    .await;
}

#[tokio::test]
async fn the_events_of_responses_before_their_text_are_no_content() {
    check(
        async |server, recording| drain(recording, response_stream(server).await.expect("it answers")).await,
        &expect![[r#"
            response_stream (primitive.llm.stream)  4.00 s  success  gpt-4o-mini  tokens=120  $0.000024
            first content after 2 s
        "#]],
    )
    .await;
}

fn genai_client(server: SocketAddr) -> genai::Client {
    let resolver = ServiceTargetResolver::from_resolver_fn(move |target: genai::ServiceTarget| {
        let endpoint = Endpoint::from_owned(format!("http://{server}/v1/"));
        let model = genai::ModelIden::new(genai::adapter::AdapterKind::OpenAI, target.model.model_name);
        Ok(genai::ServiceTarget { endpoint, auth: AuthData::from_single("key"), model })
    });
    genai::Client::builder().with_service_target_resolver(resolver).build().expect("a client")
}

fn genai_request() -> ChatRequest {
    ChatRequest::default().append_message(ChatMessage::user("Where?"))
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = in_body("openai"))]
async fn genai_chat(server: SocketAddr) -> Result<ChatResponse, genai::Error> {
    genai_client(server).exec_chat("gpt-4o-mini", genai_request(), None).await
}

#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini", usage = in_body("openai"))]
async fn genai_stream(
    server: SocketAddr,
) -> Result<impl Stream<Item = Result<ChatStreamEvent, genai::Error>>, genai::Error> {
    let options = ChatOptions::default().with_capture_usage(true);
    Ok(genai_client(server).exec_chat_stream("gpt-4o-mini", genai_request(), Some(&options)).await?.stream)
}

#[tokio::test]
async fn genai_reports_its_usage() {
    check(
        async |server, recording| {
            genai_chat(server).await.expect("it answers");
            recording.advance(Duration::from_secs(1));
            drain(recording, genai_stream(server).await.expect("it answers")).await;
        },
        &expect![[r#"
            genai_chat (primitive.llm.chat)  0 ns  success  gpt-4o-mini  tokens=120  $0.000024
            genai_stream (primitive.llm.stream)  4.00 s  success  gpt-4o-mini  tokens=120  $0.000024
            first content after 1 s
        "#]],
    )
    .await;
}

fn ollama_request() -> ChatMessageRequest {
    ChatMessageRequest::new("llama3.2".into(), vec![ollama_rs::generation::chat::ChatMessage::user("Where?".into())])
}

fn ollama(server: SocketAddr) -> Ollama {
    Ollama::builder().host(format!("http://{}", server.ip())).port(server.port()).build()
}

#[primitive(type = "llm", action = "chat", provider = "ollama", model = "llama3.2", usage = in_body("ollama"))]
async fn ollama_chat(server: SocketAddr) -> Result<ChatMessageResponse, OllamaError> {
    ollama(server).send_chat_messages(ollama_request()).await
}

#[primitive(type = "llm", action = "stream", provider = "ollama", model = "llama3.2", usage = in_body("ollama"), returns = stream)]
async fn ollama_stream(server: SocketAddr) -> Result<ChatMessageResponseStream, OllamaError> {
    ollama(server).send_chat_messages_stream(ollama_request()).await
}

#[tokio::test]
async fn ollama_rs_reports_its_usage() {
    check(
        async |server, recording| {
            ollama_chat(server).await.expect("it answers");
            recording.advance(Duration::from_secs(1));
            drain(recording, ollama_stream(server).await.expect("it answers")).await;
        },
        &expect![[r#"
            ollama_chat (primitive.llm.chat)  0 ns  success  llama3.2  tokens=120
            ollama_stream (primitive.llm.stream)  3.00 s  success  llama3.2  tokens=120
            first content after 1 s
        "#]],
    )
    .await;
}

fn rig(server: SocketAddr) -> RigConfig {
    RigConfig::new("key").with_base_url(format!("http://{server}/v1"))
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = in_body("openai"))]
async fn rig_completion(server: SocketAddr) -> Result<CompletionResponse, ProviderError> {
    rig(server).client().chat("gpt-4o-mini").call(CompletionRequest::new("Where?")).await
}

/// The usage is the sum of the agent's turns.
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = in_body("openai"))]
async fn rig_prompt(server: SocketAddr) -> Result<PromptResponse, PromptError> {
    AgentBuilder::new(rig(server).client().chat("gpt-4o-mini"))
        .tool(Weather)
        .build()
        .prompt("Where?")
        .max_turns(3)
        .await
}

#[derive(Debug, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
struct Person {
    name: String,
}

#[primitive(
    type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini",
    usage = |response| Usage::in_body("openai", &response.usage),
)]
async fn rig_extract(server: SocketAddr) -> Result<TypedPromptResponse<Person>, StructuredOutputError> {
    let model = rig(server).client().chat("gpt-4o-mini");
    ExtractorBuilder::<Person>::new(model).build().extract("Ada went to Bergen.").await
}

#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini", usage = none)]
async fn rig_stream(server: SocketAddr) -> impl Stream<Item = Result<Item<StreamEvent>, ProviderError>> {
    rig(server).client().chat("gpt-4o-mini").stream(CompletionRequest::new("Where?")).expect("it opens")
}

#[tokio::test]
async fn the_start_of_a_part_of_rig_s_stream_is_no_content() {
    check(
        async |server, recording| drain(recording, rig_stream(server).await).await,
        &expect![[r#"
        rig_stream (primitive.llm.stream)  4.00 s  success  gpt-4o-mini
        first content after 1 s
    "#]],
    )
    .await;
}

#[tokio::test]
async fn rig_reports_its_usage() {
    check(
        async |server, recording| {
            rig_completion(server).await.expect("it answers");
            recording.advance(Duration::from_secs(1));
            rig_prompt(server).await.expect("it answers");
            recording.advance(Duration::from_secs(1));
            rig_extract(server).await.expect("it answers");
        },
        &expect![[r#"
            rig_completion (primitive.llm.chat)  0 ns  success  gpt-4o-mini  tokens=120  $0.000024
            rig_prompt (primitive.llm.chat)  0 ns  success  gpt-4o-mini  tokens=240  $0.000048
            rig_extract (primitive.llm.chat)  0 ns  success  gpt-4o-mini  tokens=120  $0.000024
        "#]],
    )
    .await;
}
