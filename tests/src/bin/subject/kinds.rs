//! A program with a span of each kind: calls of each type, one of which judges, messages of the Model Context Protocol, and requests over HTTP.

use std::convert::Infallible;

use http::{Request, Response};
use serde_json::{Map, Value, json};
use tower::{Layer, Service, ServiceExt, service_fn};
use tta_runtime::llm::{self, Evaluation, ScoreObjective, Usage};
use tta_runtime::mcp::{Fault, Message, Session};
use tta_runtime::primitive;

pub(super) fn run() {
    let telemetry = tta_runtime::init().expect("the telemetry starts");
    super::block_on(work());
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "workflow")]
async fn work() {
    plan().await;
    let session = Session::named("weather");
    for message in [Message::tool("forecast"), Message::of("ping")] {
        let (session, message) = (&session, &message);
        let serve = |meta: Map<String, Value>| async move {
            let answer = async { json!({ "jsonrpc": "2.0", "id": 1, "result": {} }) };
            session.serve(message, &meta, answer, Fault::in_response).await
        };
        session.send(message, serve, Fault::in_response).await;
    }
    let server = tta_runtime::tower::server("questions")
        .layer(service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(()))));
    let mut client = tta_runtime::tower::client("api").layer(server);
    let request = Request::get("http://localhost/questions").body(()).expect("it is a request");
    let Ok(service) = client.ready().await;
    let Ok(_) = service.call(request).await;
}

#[primitive(type = "agent", action = "invoke", name = "planner")]
async fn plan() {
    embed();
    search();
    remember();
    weigh();
    look_up("api.example.com");
    check();
}

#[primitive(type = "embedding", action = "embed", provider = "openai", model = "text-embedding-3-small")]
fn embed() -> Usage {
    Usage::new(12, 0)
}

#[primitive(type = "retrieval", action = "search")]
fn search() {}

#[primitive(type = "memory", action = "search")]
fn remember() {}

#[primitive(type = "tool", action = "call")]
fn weigh() {}

#[primitive(type = "tool", action = "call", attributes("server.address" = host))]
fn look_up(host: &str) {}

#[primitive(type = "validator", action = "check")]
fn check() {
    let result = Evaluation::of("brevity").with_score(0.75).with_label("pass").with_explanation("short");
    llm::evaluation(result.with_objective(ScoreObjective::at_least(0.5, 90.0)));
}
