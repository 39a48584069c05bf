//! Messages of the Model Context Protocol, as plain JSON.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use expect_test::expect;
use futures_executor::block_on;
use futures_util::FutureExt;
use serde_json::{Map, Value, json};
use tta_runtime::mcp::{Fault, Message, Session};
use tta_runtime::testing::Recording;
use tta_runtime::{View, primitive};

/// Serves a message without metadata, one that another trace sent, and one whose reader goes away.
#[primitive(type = "workflow")]
async fn serve(session: &Session, recording: &Recording) {
    let answer = |error: Value| async move { json!({ "jsonrpc": "2.0", "id": 1, "error": error }) };
    let unknown = Message::read(&json!({ "id": "a", "method": "tools/call", "params": { "name": "none" } }));
    let unknown = session.serve(&unknown, &Map::new(), answer(json!({ "code": -32602 })), Fault::in_response);
    assert_eq!(unknown.await["error"]["code"], -32602);
    // Traces are shown by their starts.
    recording.advance(Duration::from_millis(1));
    let mut meta = Map::new();
    meta.insert("traceparent".to_owned(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into());
    session.serve(&Message::of("ping"), &meta, answer(Value::Null), Fault::in_response).await;
    let left = session.send(&Message::prompt("greeting"), |_| pending::<Value>(), Fault::in_response);
    assert!(left.now_or_never().is_none());
}

#[test]
fn a_message_is_in_the_trace_that_it_carries_or_else_in_the_current_one() {
    let recording = Recording::new();
    block_on(recording.scope(serve(&Session::named("weather"), &recording)));
    expect![[r#"
        serve (primitive.workflow.execute)  1.0 ms  success
        ├─ weather (primitive.mcp.serve)  0 ns  success
        └─ weather (primitive.mcp.request)  0 ns  cancelled
        weather (primitive.mcp.serve)  0 ns  success
    "#]]
    .assert_eq(&recording.tree());
    expect![[r#"
        tta_primitive_executions_total{primitive_type="workflow",primitive_name="serve",action="execute",status="success"} 1
        tta_primitive_executions_total{primitive_type="workflow",primitive_name="serve",action="execute",status="failure"} 0
        tta_primitive_executions_total{primitive_type="workflow",primitive_name="serve",action="execute",status="timeout"} 0
        tta_primitive_executions_total{primitive_type="workflow",primitive_name="serve",action="execute",status="cancelled"} 0
        tta_primitive_executions_total{primitive_type="workflow",primitive_name="serve",action="execute",status="panicked"} 0
        tta_primitive_executions_total{primitive_type="mcp",primitive_name="weather",action="request",status="success"} 0
        tta_primitive_executions_total{primitive_type="mcp",primitive_name="weather",action="request",status="failure"} 0
        tta_primitive_executions_total{primitive_type="mcp",primitive_name="weather",action="request",status="timeout"} 0
        tta_primitive_executions_total{primitive_type="mcp",primitive_name="weather",action="request",status="cancelled"} 1
        tta_primitive_executions_total{primitive_type="mcp",primitive_name="weather",action="request",status="panicked"} 0
        tta_primitive_executions_total{primitive_type="mcp",primitive_name="weather",action="serve",status="success"} 2
        tta_primitive_executions_total{primitive_type="mcp",primitive_name="weather",action="serve",status="failure"} 0
        tta_primitive_executions_total{primitive_type="mcp",primitive_name="weather",action="serve",status="timeout"} 0
        tta_primitive_executions_total{primitive_type="mcp",primitive_name="weather",action="serve",status="cancelled"} 0
        tta_primitive_executions_total{primitive_type="mcp",primitive_name="weather",action="serve",status="panicked"} 0
    "#]].assert_eq(&recording.metrics("tta_primitive_executions_total"));
}

#[test]
fn the_time_of_a_message_counts_although_its_work_panics() {
    let recording = Recording::new();
    let session = Session::named("brittle");
    let message = Message::of("ping");
    let serves = async { session.serve(&message, &Map::new(), async { panic!("broken") }, Fault::in_response).await };
    let sends = async {
        let send = |_| -> std::future::Ready<Value> { panic!("broken") };
        session.send(&message, send, Fault::in_response).await
    };
    assert!(catch_unwind(AssertUnwindSafe(|| block_on(recording.scope(serves)))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| block_on(recording.scope(sends)))).is_err());
    for view in [View::Tta, View::Otel, View::OtelLatest, View::Classic].map(|view| recording.view(view)) {
        for side in ["client", "server"] {
            let labels = "{mcp_method_name=\"ping\",error_type=\"panic\"}";
            let count = format!("mcp_{side}_operation_duration_seconds_count{labels} 1\n");
            assert!(view.contains(&count), "{view}");
        }
    }
    let ended = recording.metrics("tta_primitive_executions_total");
    assert_eq!(ended.matches("status=\"panicked\"} 1\n").count(), 2, "{ended}");
}
