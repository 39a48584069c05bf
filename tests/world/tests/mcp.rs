//! Messages of the Model Context Protocol, sent and served by the crate `rmcp`: one trace on both sides.

use std::fmt::Write as _;
use std::process::Stdio;

use expect_test::{Expect, expect, expect_file};
use opentelemetry::trace::{Status, TraceId};
use opentelemetry_sdk::trace::SpanData;
use rmcp::model::{CallToolRequestParams, CallToolResult, RequestMetaObject};
use rmcp::service::{RunningService, ServiceError};
use rmcp::transport::TokioChildProcess;
use rmcp::{RoleClient, ServiceExt};
use tokio::io::AsyncReadExt;
use tta_runtime::mcp::{Fault, Message, Session, Transport};
use tta_runtime::{View, primitive};
use world::Host;
use world::mcp_server::WeatherServer;

fn host() -> &'static Host {
    world::host(|builder| builder.metrics_views([View::Otel]))
}

/// The version of the protocol in the test that looks at metrics.
const VERSION: &str = "2025-11-25";

type Client = RunningService<RoleClient, ()>;

/// The error of an answer, by rmcp's types.
fn fault(answer: &Result<CallToolResult, ServiceError>) -> Option<Fault> {
    match answer {
        Ok(result) => Fault::in_result(result),
        Err(ServiceError::McpError(error)) => Some(Fault::code(error.code.0.into(), error.message.as_ref())),
        Err(other) => Some(Fault::other("transport", other.to_string())),
    }
}

async fn call(client: &Client, session: &Session, tool: &'static str) -> Result<CallToolResult, ServiceError> {
    let send = async |meta: serde_json::Map<_, _>| {
        let mut params = CallToolRequestParams::new(tool);
        params.meta = Some(RequestMetaObject(meta.into()));
        client.call_tool(params).await
    };
    session.send(&Message::tool(tool), send, fault).await
}

/// Calls each tool of the server, and returns the trace and the answers.
#[primitive(type = "agent", action = "invoke")]
async fn travel(client: &Client, session: &Session, tools: &[&'static str]) -> (TraceId, Vec<bool>) {
    let mut answers = Vec::new();
    for tool in tools {
        answers.push(call(client, session, tool).await.is_ok());
    }
    (tta_runtime::trace_id().expect("there is a trace"), answers)
}

/// Returns the attributes of the conventions, and the status.
fn told(span: &SpanData) -> String {
    let own = ["mcp.", "gen_ai.", "jsonrpc.", "rpc.", "network.", "server.", "error.type"];
    let attributes = span.attributes.iter().filter(|known| own.iter().any(|own| known.key.as_str().starts_with(own)));
    let mut lines: Vec<_> = attributes.map(|known| format!("  {} = {}\n", known.key, known.value)).collect();
    lines.sort();
    let status = match &span.status {
        Status::Error { description } => format!(" error {description:?}"),
        _ => String::new(),
    };
    format!("{} {:?}{status}\n{}", span.name, span.span_kind, lines.concat())
}

#[tokio::test]
async fn both_sides_are_in_one_trace_and_say_what_the_conventions_want() {
    let host = host();
    let (of_server, of_client) = tokio::io::duplex(4_096);
    let session = || Session::named("weather").with_transport(Transport::Pipe).with_protocol_version(VERSION);
    let server = WeatherServer::of(session().with_id("session-7"));
    let of_one_side = session().open_as_server();
    let server = tokio::spawn(async move {
        let ended = server.serve(of_server).await.expect("it starts").waiting().await;
        drop(of_one_side);
        ended
    });
    let of_other_side = session().open_as_client();
    let client: Client = ().serve(of_client).await.expect("the server answers");
    let session = session().with_server_address("weather.example", 443);
    let (trace, answers) = travel(&client, &session, &["forecast", "drought", "storm", "none"]).await;
    client.cancel().await.expect("it stops");
    drop(of_other_side);
    server.await.expect("it stops").expect("it was told to");
    assert_eq!(answers, [true, true, false, false]);
    check(
        &host.tree(trace),
        &expect![[r#"
        travel (primitive.agent.invoke)  success
          weather (primitive.mcp.request)  success
            weather (primitive.mcp.serve)  success
              forecast (primitive.processor.process)  success
          weather (primitive.mcp.request)  failure
            weather (primitive.mcp.serve)  failure
          weather (primitive.mcp.request)  failure
            weather (primitive.mcp.serve)  failure
          weather (primitive.mcp.request)  failure
            weather (primitive.mcp.serve)  success
    "#]],
    );
    let mut spans = host.spans(trace);
    spans.retain(|(_, span)| span.name.starts_with("primitive.mcp"));
    spans.sort_by_key(|(_, span)| span.start_time);
    let told: String = spans.iter().map(|(_, span)| told(span)).collect();
    expect_file!["mcp/spans.txt"].assert_eq(&told);
    check(
        &counts(),
        &expect![[r#"
            mcp_client_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_operation_name="execute_tool",gen_ai_tool_name="drought",mcp_protocol_version="2025-11-25",network_transport="pipe",error_type="tool_error"} 1
            mcp_client_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_operation_name="execute_tool",gen_ai_tool_name="forecast",mcp_protocol_version="2025-11-25",network_transport="pipe"} 1
            mcp_client_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_operation_name="execute_tool",gen_ai_tool_name="none",mcp_protocol_version="2025-11-25",network_transport="pipe",error_type="-32602"} 1
            mcp_client_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_operation_name="execute_tool",gen_ai_tool_name="storm",mcp_protocol_version="2025-11-25",network_transport="pipe",error_type="-32603"} 1
            mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_operation_name="execute_tool",gen_ai_tool_name="drought",mcp_protocol_version="2025-11-25",network_transport="pipe",error_type="tool_error"} 1
            mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_operation_name="execute_tool",gen_ai_tool_name="forecast",mcp_protocol_version="2025-11-25",network_transport="pipe"} 1
            mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_operation_name="execute_tool",gen_ai_tool_name="none",mcp_protocol_version="2025-11-25",network_transport="pipe"} 1
            mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_operation_name="execute_tool",gen_ai_tool_name="storm",mcp_protocol_version="2025-11-25",network_transport="pipe",error_type="-32603"} 1
            mcp_client_session_duration_seconds_count{mcp_protocol_version="2025-11-25",network_transport="pipe"} 1
            mcp_server_session_duration_seconds_count{mcp_protocol_version="2025-11-25",network_transport="pipe"} 1
        "#]],
    );
}

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(text);
}

/// Returns how many messages of the sessions with that version each series of a duration counted.
fn counts() -> String {
    let text = tta_runtime::metrics_text();
    let mut counts = String::new();
    for line in
        text.lines().filter(|line| line.starts_with("mcp_") && line.contains("_count{") && line.contains(VERSION))
    {
        writeln!(counts, "{line}").expect("a string grows");
    }
    counts
}

#[tokio::test]
async fn the_trace_goes_on_in_the_process_of_the_server() {
    let host = host();
    let program = tokio::process::Command::new(env!("CARGO_BIN_EXE_mcp_server"));
    let started = TokioChildProcess::builder(program).stderr(Stdio::piped()).spawn();
    let (server, stderr) = started.expect("it starts");
    let client: Client = ().serve(server).await.expect("it answers");
    let session = Session::named("weather in a process").with_transport(Transport::Pipe);
    let (trace, answers) = travel(&client, &session, &["forecast"]).await;
    assert_eq!(answers, [true]);
    client.cancel().await.expect("it stops");
    let mut told = String::new();
    stderr.expect("it is a pipe").read_to_string(&mut told).await.expect("it is text");
    let spans = host.spans(trace);
    let (_, sent) = spans.iter().find(|(_, span)| span.name == "primitive.mcp.request").expect("it was sent");
    let served = format!("primitive.mcp.serve {trace} {}", sent.span_context.span_id());
    assert!(told.lines().any(|line| line == served), "{served} in {told}");
}
