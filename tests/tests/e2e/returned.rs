//! Functions whose return type hides a future or a stream behind another name.

use std::future::{Future, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use expect_test::expect;
use futures_executor::{block_on, block_on_stream};
use futures_util::{Stream, stream};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

type Reply = Pin<Box<dyn Future<Output = Result<u8, String>> + Send>>;
type Response<T> = Pin<Box<dyn Future<Output = T> + Send>>;
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

#[primitive(type = "tool")]
fn passed_on<T>(response: Response<T>) -> Response<T> {
    response
}

/// Counts when it is dropped.
struct Counted(Arc<AtomicU32>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_box_of_any_output_is_observed_and_dropped_once() {
    let recording = Recording::new();
    let drops = Arc::new(AtomicU32::new(0));
    recording.run(|| {
        let counted = || Counted(Arc::clone(&drops));
        let first = passed_on(Box::pin(ready(counted())));
        let pending = counted();
        let second = passed_on::<u8>(Box::pin(async move {
            let _pending = pending;
            std::future::pending().await
        }));
        let moved = std::thread::spawn(move || block_on(first)).join().expect("the future resolves");
        assert_eq!(drops.load(Ordering::Relaxed), 0);
        drop(moved);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        drop(second);
        assert_eq!(drops.load(Ordering::Relaxed), 2);
        let panicking = passed_on::<u8>(Box::pin(async { panic!("no") }));
        assert!(catch_unwind(AssertUnwindSafe(|| block_on(panicking))).is_err());
    });
    let ended = recording.metrics("tta_primitive_executions_total");
    let lines: Vec<_> = ended.lines().filter(|line| line.contains("passed_on") && !line.ends_with(" 0")).collect();
    expect![[r#"
        tta_primitive_executions_total{primitive_type="tool",primitive_name="passed_on",action="call",status="success"} 1
        tta_primitive_executions_total{primitive_type="tool",primitive_name="passed_on",action="call",status="cancelled"} 1
        tta_primitive_executions_total{primitive_type="tool",primitive_name="passed_on",action="call",status="panicked"} 1"#]].assert_eq(&lines.join("\n"));
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
