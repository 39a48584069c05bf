//! Time limits.

use std::time::Duration;

use expect_test::expect;
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderMap, HeaderValue};
use tokio::time::{Instant, sleep, timeout};
use tta_runtime::block::{Block, BlockError, Parallel, Retry, Timeout};
use tta_runtime::propagation::extract;
use tta_runtime::testing::Recording;
use tta_runtime::{WorkflowContext, primitive, spawn};

use super::{check, statuses};

const SECOND: Duration = Duration::from_secs(1);

#[primitive(type = "tool", action = "call")]
async fn inner(seconds: u32) -> Result<u32, String> {
    sleep(seconds * SECOND).await;
    if seconds == 7 { Err("seven".to_owned()) } else { Ok(seconds) }
}

#[primitive(type = "agent", action = "invoke")]
async fn outer(seconds: u32) -> Result<u32, String> {
    inner(seconds).await
}

/// Runs work that ends in each way inside a context, and checks what was recorded.
async fn check_ends(recording: &Recording, context: WorkflowContext) {
    let limited = inner.with(Timeout::after(10 * SECOND).grace(5 * SECOND));
    let run = |seconds| context.scope(limited.run(seconds));
    assert_eq!(run(9).await, Ok(9));
    assert_eq!(run(7).await, Err(BlockError::Inner("seven".to_owned())));
    assert_eq!(run(14).await, Ok(14));
    let start = Instant::now();
    assert_eq!(run(16).await, Err(BlockError::Timeout { limit: 15 * SECOND }));
    assert_eq!(start.elapsed(), 15 * SECOND);
    // A run that is dropped without a limit is not counted.
    assert!(timeout(SECOND, run(2)).await.is_err());
    check(
        recording,
        "tta_timeout_total",
        &expect![[r#"
            tta_timeout_total{primitive_name="inner",result="in_time"} 2
            tta_timeout_total{primitive_name="inner",result="late"} 1
            tta_timeout_total{primitive_name="inner",result="timed_out"} 1
        "#]],
    );
    check(
        recording,
        "tta_timeout_duration_seconds_sum",
        &expect![[r#"
            tta_timeout_duration_seconds_sum{primitive_name="inner"} 45
        "#]],
    );
    let ended = [("success", 2), ("failure", 1), ("timeout", 1), ("cancelled", 1)];
    assert_eq!(statuses(recording, "inner"), ended);
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time_late_or_times_out() {
    let recording = Recording::in_timer_time();
    check_ends(&recording, recording.run(WorkflowContext::current)).await;
    assert_eq!(recording.spans().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time_late_or_times_out_without_a_span_of_its_limit() {
    let recording = Recording::in_timer_time();
    let mut headers = HeaderMap::new();
    let unsampled = HeaderValue::from_static("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
    headers.insert("traceparent", unsampled);
    check_ends(&recording, recording.run(|| extract(&headers))).await;
    expect![[r#"
        inner (primitive.tool.call)  9.00 s  success
        inner (primitive.tool.call)  7.00 s  failure  String
        inner (primitive.tool.call)  14.00 s  success
        inner (primitive.tool.call)  15.00 s  timeout
        inner (primitive.tool.call)  1.00 s  cancelled
    "#]]
    .assert_eq(&recording.tree());
}

#[tokio::test(start_paused = true)]
async fn work_dropped_by_a_limit_is_a_timeout_and_not_cancelled() {
    let recording = Recording::in_timer_time();
    let limited = Parallel::new("both").branch(outer).branch(inner).with(Timeout::after(3 * SECOND));
    assert_eq!(recording.scope(limited.run(4)).await, Err(BlockError::Timeout { limit: 3 * SECOND }));
    expect![[r#"
        both (primitive.timeout.execute)  3.00 s  timeout
        └─ both (primitive.parallel.execute)  3.00 s  timeout
           ├─ both (primitive.parallel.branch_0)  3.00 s  timeout  branch=0
           │  └─ outer (primitive.agent.invoke)  3.00 s  timeout
           │     └─ inner (primitive.tool.call)  3.00 s  timeout
           └─ both (primitive.parallel.branch_1)  3.00 s  timeout  branch=1
              └─ inner (primitive.tool.call)  3.00 s  timeout
    "#]]
    .assert_eq(&recording.tree());
    assert_eq!(statuses(&recording, "inner"), [("timeout", 2)]);
    assert_eq!(statuses(&recording, "outer"), [("timeout", 1)]);
    // A call that is dropped without a limit is cancelled.
    recording.scope(async { assert!(timeout(SECOND, limited.run(4)).await.is_err()) }).await;
    assert_eq!(statuses(&recording, "inner"), [("timeout", 2), ("cancelled", 2)]);
}

#[tokio::test(start_paused = true)]
async fn an_inner_timeout_is_not_counted_by_the_outer_limit() {
    let recording = Recording::in_timer_time();
    let nested = inner.with(Timeout::after(2 * SECOND).named("near")).with(Timeout::after(9 * SECOND).named("far"));
    assert_eq!(recording.scope(nested.run(5)).await, Err(BlockError::Timeout { limit: 2 * SECOND }));
    let own = async |seconds: u32| timeout(SECOND, inner(seconds)).await.map(drop);
    let limited = own.with(Timeout::after(9 * SECOND).named("around"));
    let error = recording.scope(limited.run(5)).await.expect_err("the work's own limit");
    assert!(matches!(error, BlockError::Inner(_)), "{error:?}");
    check(
        &recording,
        "tta_timeout_total",
        &expect![[r#"
            tta_timeout_total{primitive_name="around",result="in_time"} 1
            tta_timeout_total{primitive_name="far",result="in_time"} 1
            tta_timeout_total{primitive_name="near",result="timed_out"} 1
        "#]],
    );
    check(
        &recording,
        "tta_connections_total",
        &expect![[r#"
            tta_connections_total{source="around",target="inner",connection_type="call"} 1
            tta_connections_total{source="far",target="near",connection_type="call"} 1
            tta_connections_total{source="near",target="inner",connection_type="call"} 1
        "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn a_function_that_returns_the_error_of_a_limit_is_a_timeout() {
    #[derive(Debug, thiserror::Error)]
    #[error("no story")]
    struct NoStory(#[from] BlockError<std::io::Error>);

    #[primitive(type = "workflow")]
    async fn story() -> Result<(), NoStory> {
        let endless = async |()| {
            std::future::pending::<()>().await;
            Ok::<_, std::io::Error>(())
        };
        Ok(endless.with(Timeout::after(SECOND).named("limit")).run(()).await?)
    }

    let recording = Recording::in_timer_time();
    recording.scope(story()).await.expect_err("its time ran out");
    assert_eq!(statuses(&recording, "story"), [("timeout", 1)]);

    // A work's error that is text counts, too.
    #[primitive(type = "workflow")]
    async fn tale(seconds: u32) -> Result<u32, BlockError<String>> {
        let limited = inner.with(Timeout::after(SECOND).named("limit"));
        limited.with(Retry::when(|_| false).attempts(2).named("again")).run(seconds).await
    }

    let recording = Recording::in_timer_time();
    let error = recording.scope(tale(4)).await.expect_err("its time ran out twice");
    let last = Box::new(BlockError::Timeout { limit: SECOND });
    assert_eq!(error, BlockError::Exhausted { attempts: 2, last });
    assert_eq!(statuses(&recording, "tale"), [("timeout", 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_fallback_value_replaces_the_timeout() {
    let recording = Recording::in_timer_time();
    let limited = inner.with(Timeout::after(SECOND).fallback_value(|| 0));
    assert_eq!(recording.scope(limited.run(4)).await, Ok(0));
    check(
        &recording,
        "tta_timeout_total",
        &expect![[r#"
            tta_timeout_total{primitive_name="inner",result="timed_out"} 1
        "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn the_context_s_deadline_is_a_limit_too() {
    let recording = Recording::in_timer_time();
    let limited = inner.with(Timeout::after(10 * SECOND).grace(10 * SECOND));
    let by = |seconds: u32| {
        let deadline = (Instant::now() + seconds * SECOND).into_std();
        recording.run(|| WorkflowContext::current().with_deadline(deadline))
    };
    let start = Instant::now();
    assert_eq!(by(4).scope(limited.run(5)).await, Err(BlockError::Timeout { limit: 4 * SECOND }));
    assert_eq!(start.elapsed(), 4 * SECOND);
    assert_eq!(by(12).scope(limited.run(15)).await, Err(BlockError::Timeout { limit: 12 * SECOND }));
    assert_eq!(statuses(&recording, "inner"), [("timeout", 2)]);
    // After the deadline the work does not start.
    assert_eq!(by(0).scope(limited.run(1)).await, Err(BlockError::Timeout { limit: Duration::ZERO }));
    assert_eq!(statuses(&recording, "inner"), [("timeout", 2)]);
}

/// Yields the deadline that its own work sees.
#[primitive(type = "tool", action = "call")]
fn deadlines() -> impl Stream<Item = Option<std::time::Instant>> {
    stream::once(async { WorkflowContext::current().deadline() })
}

#[tokio::test(start_paused = true)]
async fn a_stream_keeps_the_deadline_of_where_it_was_opened() {
    let deadline = (Instant::now() + SECOND).into_std();
    let opened = WorkflowContext::new().with_deadline(deadline).scope(async { deadlines() }).await;
    assert_eq!(opened.collect::<Vec<_>>().await, [Some(deadline)]);
    let opened = deadlines();
    let read = WorkflowContext::new().with_deadline(deadline).scope(opened.collect::<Vec<_>>()).await;
    assert_eq!((read, WorkflowContext::current().deadline()), (vec![None], None));
}

#[tokio::test(start_paused = true)]
async fn the_work_inside_sees_its_limit_as_the_deadline() {
    let left = async |()| {
        let own = WorkflowContext::current().deadline();
        let of_task = spawn(async { WorkflowContext::current().deadline() }).await.expect("the task ends");
        let of_new = WorkflowContext::new().scope(async { WorkflowContext::current().deadline() }).await;
        assert_eq!((own, None), (of_task, of_new));
        Ok::<_, String>(own)
    };
    let recording = Recording::in_timer_time();
    for records_spans in [false, true] {
        let check = async |limit: Timeout<Option<std::time::Instant>>, seconds: u32| {
            let start = Instant::now();
            let limited = left.with(limit);
            let seen = if records_spans { recording.scope(limited.run(())).await } else { limited.run(()).await };
            assert_eq!(seen, Ok(Some((start + seconds * SECOND).into_std())));
            assert_eq!(WorkflowContext::current().deadline(), None, "work that ended has none");
        };
        check(Timeout::after(3 * SECOND), 3).await;
        check(Timeout::after(3 * SECOND).grace(2 * SECOND), 5).await;
    }
}
