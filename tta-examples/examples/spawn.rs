//! A spawned task that keeps the workflow's context and trace.
//!
//! `cargo run -p tta-examples --example spawn`

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::task::JoinError;
use tta_runtime::testing::InMemorySpans;
use tta_runtime::trace;
use tta_runtime::{WorkflowContext, primitive};

#[primitive(type = "tool", action = "call")]
async fn look_up(word: &str) -> usize {
    tokio::time::sleep(Duration::from_millis(5)).await;
    let context = WorkflowContext::current();
    println!("looking up {word} for session {:?}", context.session_id().unwrap_or("none"));
    word.len()
}

#[primitive(type = "workflow", name = "measure")]
async fn measure() -> Result<usize, JoinError> {
    // `tokio::spawn` alone would start a new trace, without the session.
    let elsewhere = WorkflowContext::current().spawn(async { look_up("lighthouse").await });
    let here = look_up("fog").await;
    Ok(here + elsewhere.await?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let capture = InMemorySpans::default();
    let free_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let telemetry = tta_runtime::builder().metrics_addr(free_port).span_exporter(capture.clone()).init()?;

    let context = WorkflowContext::new().with_session_id("s-17");
    println!("{} letters", context.scope(measure()).await?);

    telemetry.flush(Duration::from_secs(1));
    println!("{}", trace::tree(&capture.take()));
    Ok(())
}
