//! The live page and its data.

use std::io::Read;
use std::sync::Arc;

use flate2::read::GzDecoder;
use opentelemetry_sdk::Resource;
use serde_json::{Value, json};

use super::wire::{Reply, ask, get, reply, send};
use super::{Limits, Options, serve};
use crate::clock::Clock;
use crate::export::http::Server;
use crate::page::{Page, shell};
use crate::recorder::Recorder;

/// Starts a server with the page of a program that has done nothing.
fn serve_page(bearer_token: Option<&str>) -> Server {
    let resource = Resource::builder_empty().with_service_name("assistant").build();
    let page = Page::new(Recorder::isolated(Clock::System), &resource, 1 << 20);
    page.begin().expect("it starts");
    let bearer_token = bearer_token.map(str::to_owned);
    serve(Limits::default(), Options { bearer_token, page: Some(Arc::new(page)), ..Options::default() })
}

fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).expect("the body is JSON")
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).expect("the body is gzip");
    text
}

#[test]
fn the_page_needs_no_token_has_its_policy_and_is_the_committed_file() {
    let server = serve_page(Some("s3cret"));
    let plain = get(server.address(), "/", &[]);
    let packed = get(server.address(), "/", &["accept-encoding: gzip"]);
    assert_eq!((plain.status, packed.status), (200, 200));
    assert_eq!(packed.body, shell::HTML_GZ);
    assert_eq!(plain.text(), unpacked(&packed.body));
    for reply in [&plain, &packed] {
        assert_eq!(reply.header("content-security-policy"), Some(shell::POLICY.trim()));
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("vary"), Some("accept-encoding"));
    }
    assert_eq!([plain.header("content-encoding"), packed.header("content-encoding")], [None, Some("gzip")]);
    assert_eq!(reply(ask(server.address(), "POST", "/", &[])).status, 405);
    let foreign = reply(send(server.address(), "GET / HTTP/1.1\r\nHost: attacker.example\r\n\r\n"));
    assert_eq!(foreign.status, 403);
}

#[test]
fn data_needs_the_token_and_says_so_in_json() {
    let server = serve_page(Some("s3cret"));
    let ask = |headers: &[&str]| get(server.address(), "/api/v1/overview", headers);
    assert_eq!(ask(&["authorization: Bearer s3cret"]).status, 200);
    for (headers, code, challenge) in [
        (&[][..], "no_token", "Bearer"),
        (&["authorization: Bearer wrong"], "wrong_token", "Bearer error=\"invalid_token\""),
    ] {
        let refused = ask(headers);
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some(challenge)));
        assert_eq!(json(&refused)["error"]["code"], code);
    }
    let foreign = "GET /api/v1/overview HTTP/1.1\r\nHost: attacker.example\r\nauthorization: Bearer s3cret\r\n\r\n";
    assert_eq!(reply(send(server.address(), foreign)).status, 403);
}

#[test]
fn an_answer_has_an_envelope_and_an_etag_that_ignores_the_time() {
    let server = serve_page(None);
    let first = get(server.address(), "/api/v1/savings", &[]);
    let body = json(&first);
    assert_eq!(body["instance"].as_str().map(str::len), Some(16));
    let sources = json!([
        {"source": "cache", "saved_nano_usd": "0", "calls": 0},
        {"source": "router", "saved_nano_usd": "0", "calls": 0},
    ]);
    assert_eq!(body["data"], json!({"cost_nano_usd": "0", "sources": sources, "by_model": []}));
    let etag = first.header("etag").expect("there is one");
    let known = format!("if-none-match: {etag}");
    let again = get(server.address(), "/api/v1/savings", &[&known]);
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(etag)));
    let packed = get(server.address(), "/api/v1/savings", &["accept-encoding: gzip"]);
    let packed: Value = serde_json::from_str(&unpacked(&packed.body)).expect("the body is JSON");
    assert_eq!(packed["data"], body["data"]);
}

#[test]
fn every_endpoint_answers_and_what_is_unknown_or_wrong_is_named() {
    let server = serve_page(None);
    let ask = |path: &str| get(server.address(), &format!("/api/v1/{path}"), &[]);
    for path in
        ["overview", "series", "map", "traces", "models", "budgets", "objectives", "savings", "blocks", "library"]
    {
        let reply = ask(path);
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")), "{path}");
        assert!(json(&reply)["data"].is_object(), "{path}");
    }
    let trace = "0af7651916cd43dd8448eb211c80319c";
    for (path, status, code, message) in [
        ("nothing", 404, "unknown_path", None),
        (&format!("traces/{trace}"), 404, "unknown_trace", Some("This trace is not kept, or no longer.")),
        ("traces/x/spans/y", 404, "unknown_trace", Some("This trace is not kept, or no longer.")),
        ("what-if?from=a/b&to=openai/gpt-4o", 404, "unknown_model", Some("`a/b` was not called.")),
        ("what-if?from=a", 400, "bad_query", Some("`from` is not a name such as `openai/gpt-4o`.")),
        ("traces?min_cost=-1", 400, "bad_query", Some("`min_cost` is not a number of 0 or more.")),
        ("traces?limit=501", 400, "bad_query", Some("`limit` is not a whole number from 1 to 500.")),
        (
            "traces?outcome=late",
            400,
            "bad_query",
            Some("`outcome` is not one of success, failure, timeout, cancelled, panicked."),
        ),
    ] {
        let reply = ask(path);
        let error = &json(&reply)["error"];
        assert_eq!((reply.status, error["code"].as_str()), (status, Some(code)), "{path}");
        assert!(message.is_none_or(|message| error["message"] == message), "{path}: {error}");
    }
}

#[test]
fn a_cursor_of_another_instance_gets_everything_again() {
    let [one, other] = [serve_page(None), serve_page(None)];
    let data = |server: &Server, since: &str| {
        json(&get(server.address(), &format!("/api/v1/traces?since={since}"), &[]))["data"].clone()
    };
    let first = data(&one, "");
    let cursor = first["cursor"].as_str().expect("there is one").to_owned();
    assert!(cursor.len() <= 64);
    let resets = [&first, &data(&one, &cursor), &data(&other, &cursor), &data(&one, "no-cursor")]
        .map(|data| data["reset"].as_bool().expect("it is there"));
    assert_eq!(resets, [true, false, true, true]);
}

#[test]
fn without_the_page_its_paths_are_unknown() {
    let server = serve(Limits::default(), Options::default());
    let unknown = ["/", "/api/v1/overview"].map(|path| get(server.address(), path, &[]).status);
    assert_eq!(unknown, [404, 404]);
}
