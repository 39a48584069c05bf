//! Functions whose return type hides a future or a stream behind another name.

use std::future::{Future, ready};
use std::pin::Pin;
use std::time::Duration;

use expect_test::expect;
use futures_executor::{block_on, block_on_stream};
use futures_util::{Stream, stream};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

type Reply = Pin<Box<dyn Future<Output = Result<u8, String>> + Send>>;
type Words = Pin<Box<dyn Stream<Item = Result<u8, String>>>>;

#[primitive(type = "tool")]
fn hidden_future() -> Reply {
    Box::pin(ready(Err("no".to_owned())))
}

#[primitive(type = "tool")]
fn hidden_stream() -> Words {
    Box::pin(stream::iter([Ok(1), Err("no".to_owned())]))
}

#[primitive(type = "tool", returns = value)]
fn declared_value() -> Reply {
    Box::pin(ready(Err("no".to_owned())))
}

#[test]
fn a_call_ends_with_the_future_or_stream_that_an_alias_hides() {
    let recording = Recording::new();
    recording.run(|| {
        let (future, stream, value) = (hidden_future(), hidden_stream(), declared_value());
        recording.advance(Duration::from_secs(2));
        assert!(block_on(future).is_err());
        assert_eq!(block_on_stream(stream).count(), 2);
        drop(value);
    });
    let ended = recording.metrics("tta_primitive_executions_total");
    let sums = recording.metrics("tta_execution_duration_seconds");
    let lines =
        ended.lines().filter(|line| !line.ends_with(" 0")).chain(sums.lines().filter(|line| line.contains("_sum")));
    let mut lines: Vec<_> = lines.filter(|line| line.contains("hidden_") || line.contains("declared_value")).collect();
    lines.sort_unstable();
    expect![[r#"
        tta_execution_duration_seconds_sum{primitive_type="tool",primitive_name="declared_value"} 0
        tta_execution_duration_seconds_sum{primitive_type="tool",primitive_name="hidden_future"} 2
        tta_execution_duration_seconds_sum{primitive_type="tool",primitive_name="hidden_stream"} 2
        tta_primitive_executions_total{primitive_type="tool",primitive_name="declared_value",action="call",status="success"} 1
        tta_primitive_executions_total{primitive_type="tool",primitive_name="hidden_future",action="call",status="failure"} 1
        tta_primitive_executions_total{primitive_type="tool",primitive_name="hidden_stream",action="call",status="failure"} 1"#]].assert_eq(&lines.join("\n"));
}
