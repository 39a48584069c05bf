//! The layers of the feature `tower` under axum and around reqwest.

use std::convert::Infallible;
use std::fmt::Write;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::MatchedPath;
use axum::routing::get;
use expect_test::{Expect, expect};
use opentelemetry::trace::TraceId;
use tokio::sync::oneshot;
use tower::{Layer, Service, ServiceExt, service_fn};
use tracing::Instrument;
use tta_runtime::tower::{client, server};

use super::{is_call, send, serve, trace};

/// Checks the calls of a trace: kind, status and the attributes of HTTP.
#[track_caller]
fn check(trace: Option<TraceId>, expected: &Expect) {
    let spans = super::super::host().spans(trace.expect("there is a trace"));
    let mut text = String::new();
    for (_, span) in spans.iter().filter(|(_, span)| is_call(span)) {
        let shown = [
            "primitive.name",
            "execution.status",
            "error.type",
            "http.request.method",
            "http.route",
            "http.response.status_code",
            "server.address",
            "url.template",
        ];
        let of = |key: &&str| span.attributes.iter().find(|attribute| attribute.key.as_str() == *key);
        let attributes = shown.iter().filter_map(of).map(|attribute| format!(" {}={}", attribute.key, attribute.value));
        writeln!(text, "{:?}{}", span.span_kind, attributes.collect::<String>()).expect("a string grows");
    }
    expected.assert_eq(&text);
}

fn router() -> Router {
    let api = server("api").route(|request| Some(request.extensions.get::<MatchedPath>()?.as_str().to_owned()));
    Router::new()
        .route("/users/{id}", get(async || "a user"))
        .route("/down/{id}", get(async || http::StatusCode::SERVICE_UNAVAILABLE))
        .layer(api)
}

#[tokio::test]
async fn a_server_s_call_has_its_route_and_its_status() {
    super::super::host();
    let url = serve(router()).await;
    send(&format!("{url}/users/7"), "21", "01").await;
    check(
        trace("21"),
        &expect![[r#"
        Server primitive.name=api execution.status=success http.request.method=GET http.route=/users/{id} http.response.status_code=200
    "#]],
    );
    let client = reqwest::Client::new();
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4722-00f067aa0ba902b7-01";
    client.get(format!("{url}/down/7")).header("traceparent", parent).send().await.expect("it is answered");
    check(
        trace("22"),
        &expect![[r#"
        Server primitive.name=api execution.status=failure error.type=503 http.request.method=GET http.route=/down/{id} http.response.status_code=503
    "#]],
    );
}

#[tokio::test]
async fn a_client_s_call_surrounds_a_request_of_reqwest() {
    super::super::host();
    let url = serve(router()).await;
    let reqwest = reqwest::Client::new();
    let mut users = client("users").template(|_| Some("/users/{id}".to_owned())).layer(service_fn(
        move |request: http::Request<reqwest::Body>| {
            let reqwest = reqwest.clone();
            async move { reqwest.execute(request.try_into()?).await.map(http::Response::from) }
        },
    ));
    let work = async {
        let request = http::Request::get(format!("{url}/users/7")).body(reqwest::Body::default()).expect("a request");
        let response = users.ready().await.expect("it is ready").call(request).await.expect("it is answered");
        assert_eq!(response.status(), 200);
        tta_runtime::trace_id()
    };
    let trace = work.instrument(tracing::info_span!("request")).await;
    check(
        trace,
        &expect![[r#"
        Client primitive.name=users execution.status=success http.request.method=GET http.response.status_code=200 server.address=127.0.0.1 url.template=/users/{id}
        Server primitive.name=api execution.status=success http.request.method=GET http.route=/users/{id} http.response.status_code=200
    "#]],
    );
}

/// Asks a server that streams two parts. The second one waits for `go`.
async fn stream(digits: &str, read_to_end: bool) {
    super::super::host();
    let (go, wait) = oneshot::channel::<()>();
    let wait = std::sync::Mutex::new(Some(wait));
    let answer = service_fn(move |_: http::Request<Body>| {
        let wait = wait.lock().expect("nothing panics").take().expect("one request");
        async move {
            let parts = futures_util::stream::unfold((0, Some(wait)), |(number, wait)| async move {
                match (number, wait) {
                    (0, wait) => Some((Ok::<_, Infallible>(Bytes::from("first ")), (1, wait))),
                    (1, Some(wait)) => {
                        wait.await.ok()?;
                        Some((Ok(Bytes::from("second")), (2, None)))
                    }
                    _ => None,
                }
            });
            Ok::<_, Infallible>(http::Response::new(Body::from_stream(parts)))
        }
    });
    let mut events = server("events").until_body_ends().layer(answer);
    let parent = format!("00-4bf92f3577b34da6a3ce929d0e0e47{digits}-00f067aa0ba902b7-01");
    let request = http::Request::get("/events").header("traceparent", parent).body(Body::empty()).expect("a request");
    let response = events.ready().await.expect("it is ready").call(request).await.expect("it is answered");
    assert_eq!(super::super::host().tree(trace(digits).expect("it is valid")), "", "the call has not ended");
    if read_to_end {
        go.send(()).expect("the body waits");
        let body = http_body_util::BodyExt::collect(response.into_body()).await.expect("it ends");
        assert_eq!(body.to_bytes(), "first second");
    }
}

#[tokio::test]
async fn a_call_lasts_until_its_body_ends() {
    stream("23", true).await;
    check(
        trace("23"),
        &expect![[r#"
        Server primitive.name=events execution.status=success http.request.method=GET http.response.status_code=200
    "#]],
    );
}

#[tokio::test]
async fn a_call_whose_body_is_dropped_before_its_end_is_cancelled() {
    stream("24", false).await;
    check(
        trace("24"),
        &expect![[r#"
        Server primitive.name=events execution.status=cancelled error.type=cancelled http.request.method=GET http.response.status_code=200
    "#]],
    );
}
