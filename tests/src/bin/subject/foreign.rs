//! Spans and events of other libraries, through `tracing`, above and below annotated calls.

use tracing::Instrument;
use tracing_subscriber::prelude::*;
use tta_runtime::primitive;

pub(super) fn run() {
    tracing_subscriber::registry().with(tta_runtime::tracing_layer()).init();
    let telemetry = super::start();
    let request = tracing::info_span!(target: "web", "request", otel.kind = "server", method = "GET", status = tracing::field::Empty);
    super::block_on(
        async {
            tracing::info!("request read");
            answer().await;
            tracing::Span::current().record("status", 200);
        }
        .instrument(request),
    );
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "workflow")]
async fn answer() {
    tracing::info!(step = 1, "before the query");
    let query =
        tracing::info_span!(target: "database", "query", otel.name = "SELECT documents", rows = 3_u64, share = 0.5);
    async {
        tracing::warn!("slow query");
        tokio::task::yield_now().await;
        rank();
    }
    .instrument(query)
    .await;
    tracing::info!("after the query");
    tracing::debug!("too verbose to be recorded");
    let _entered = tracing::info_span!(target: "files", "write").entered();
    tracing::info!("written");
}

#[primitive(type = "retrieval", action = "rerank")]
fn rank() {
    tracing::info!("ranked");
}
