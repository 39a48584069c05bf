//! The server of the Model Context Protocol as a process of its own, which speaks on its standard input and output.
//!
//! When its client has left, it writes its spans to standard error: the name, the trace and the parent of each.

use std::io::Write as _;
use std::time::Duration;

use opentelemetry_sdk::trace::InMemorySpanExporter;
use rmcp::ServiceExt;
use tta_runtime::mcp::{Session, Transport};
use world::mcp_server::WeatherServer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spans = InMemorySpanExporter::default();
    let telemetry = tta_runtime::builder().without_metrics_server().span_exporter(spans.clone()).init()?;
    let session = Session::named("weather").with_transport(Transport::Pipe);
    WeatherServer::of(session).serve(rmcp::transport::stdio()).await?.waiting().await?;
    telemetry.flush(Duration::from_secs(20));
    for span in spans.get_finished_spans()? {
        writeln!(std::io::stderr(), "{} {} {}", span.name, span.span_context.trace_id(), span.parent_span_id)?;
    }
    Ok(())
}
