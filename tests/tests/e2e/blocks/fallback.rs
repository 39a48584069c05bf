//! Fallbacks.

use std::error::Error;

use expect_test::expect;
use tta_runtime::block::{Block, BlockError, Fallback};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

use super::check;

#[primitive(type = "tool", action = "call")]
async fn dear(number: u32) -> Result<u32, String> {
    if number == 0 { Ok(0) } else { Err(format!("dear: {number}")) }
}

#[primitive(type = "tool", action = "call")]
async fn cheap(number: u32) -> Result<u32, String> {
    if number == 1 { Ok(10) } else { Err(format!("cheap: {number}")) }
}

#[primitive(type = "tool", action = "call")]
async fn canned(number: u32) -> Result<u32, String> {
    if number == 2 { Ok(20) } else { Err(format!("canned: {number}")) }
}

#[tokio::test]
async fn the_first_output_is_returned_and_the_last_error_contains_the_others() {
    let recording = Recording::new();
    let flow = dear.with(Fallback::to(cheap).then(canned));
    let run = |number| recording.scope(flow.run(number));
    assert_eq!((run(0).await, run(1).await, run(2).await), (Ok(0), Ok(10), Ok(20)));
    let error = run(3).await.expect_err("all fail");
    assert_eq!(error.to_string(), "all fallbacks failed; errors before the last: dear: dear: 3; cheap: cheap: 3");
    assert_eq!(error.inner().map(String::as_str), Some("canned: 3"));
    check(
        &recording,
        "tta_fallback_total",
        &expect![[r#"
            tta_fallback_total{primitive_name="dear",used="canned"} 1
            tta_fallback_total{primitive_name="dear",used="cheap"} 1
            tta_fallback_total{primitive_name="dear",used="none"} 1
            tta_fallback_total{primitive_name="dear",used="primary"} 1
        "#]],
    );
    check(&recording, "tta_connections_total", &expect![[""]]);
    let names: Vec<_> = recording.spans().iter().skip(15).map(|span| span.name.to_string()).collect();
    assert_eq!(
        names,
        [
            "primitive.tool.call",
            "primitive.fallback.primary",
            "primitive.tool.call",
            "primitive.fallback.fallback_0",
            "primitive.tool.call",
            "primitive.fallback.fallback_1",
            "primitive.fallback.execute",
        ]
        .map(str::to_owned)
    );
}

#[tokio::test]
async fn an_error_without_a_fallback_is_returned() {
    let recording = Recording::new();
    let flow = dear.with(
        Fallback::to(cheap)
            .then(canned)
            .when(|error| *error != BlockError::Inner("dear: 5".to_owned()))
            .named("answer"),
    );
    assert_eq!(recording.scope(flow.run(5)).await, Err(BlockError::Inner("dear: 5".to_owned())));
    assert_eq!(recording.scope(flow.run(2)).await, Ok(20));
    check(
        &recording,
        "tta_fallback_total",
        &expect![[r#"
            tta_fallback_total{primitive_name="answer",used="canned"} 1
            tta_fallback_total{primitive_name="answer",used="none"} 1
        "#]],
    );
    check(
        &recording,
        "tta_connections_total",
        &expect![[r#"
            tta_connections_total{source="answer",target="canned",connection_type="fallback"} 1
            tta_connections_total{source="answer",target="cheap",connection_type="fallback"} 1
            tta_connections_total{source="answer",target="dear",connection_type="call"} 2
        "#]],
    );
}

#[tokio::test]
async fn fallbacks_start_at_0() {
    let recording = Recording::new();
    let flow = recording.scope(async { dear.with(Fallback::to(cheap).then(canned)) }).await;
    check(
        &recording,
        "tta_fallback_total",
        &expect![[r#"
            tta_fallback_total{primitive_name="dear",used="canned"} 0
            tta_fallback_total{primitive_name="dear",used="cheap"} 0
            tta_fallback_total{primitive_name="dear",used="none"} 0
            tta_fallback_total{primitive_name="dear",used="primary"} 0
        "#]],
    );
    drop(flow);
}

#[tokio::test]
async fn the_last_error_is_the_source() {
    let fail = async |()| Err::<(), _>(std::io::Error::other("disk"));
    let error = fail.with(Fallback::to(fail)).run(()).await.expect_err("both fail");
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("disk"));
}
