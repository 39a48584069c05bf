//! One trace across two services: the client injects its context into the headers, and the server extracts it.
//!
//! `cargo run -p tta-examples --example http_hop`

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::{Router, routing::get};
use http::HeaderMap;
use tta_runtime::testing::InMemorySpans;
use tta_runtime::trace;
use tta_runtime::{primitive, propagation};

#[primitive(type = "tool", action = "call")]
async fn tell_time() -> String {
    "12:45".to_owned()
}

/// Handles a request in the trace that its headers name.
async fn handle(headers: HeaderMap) -> String {
    propagation::extract(&headers).scope(tell_time()).await
}

/// Sends a request with the current trace in its headers.
#[primitive(type = "tool", action = "call")]
async fn ask_time(url: &str) -> reqwest::Result<String> {
    let mut headers = HeaderMap::new();
    propagation::inject(&mut headers);
    println!("traceparent: {:?}", headers.get("traceparent"));
    reqwest::Client::new().get(url).headers(headers).send().await?.text().await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let capture = InMemorySpans::default();
    let free_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let telemetry = tta_runtime::builder().metrics_addr(free_port).span_exporter(capture.clone()).init()?;

    let listener = tokio::net::TcpListener::bind(free_port).await?;
    let url = format!("http://{}/time", listener.local_addr()?);
    let server = tokio::spawn(axum::serve(listener, Router::new().route("/time", get(handle))).into_future());
    println!("it is {}", ask_time(&url).await?);
    server.abort();

    telemetry.flush(Duration::from_secs(1));
    println!("{}", trace::tree(&capture.take()));
    Ok(())
}
