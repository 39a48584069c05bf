//! Answers questions about a folder of documents, and reports calls, latencies, tokens and costs.

mod assistant;
mod cli;
mod client;
mod corpus;
mod load;
mod output;
mod progress;
mod questions;
mod report;
mod server;
mod session;
mod signals;
mod table;
mod text;
mod tokens;

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use tta_runtime::testing::InMemorySpans;
use tta_runtime::{Builder, Telemetry, trace};

use crate::assistant::{Assistant, Limits, Models};
use crate::cli::Arguments;
use crate::client::ChatClient;
use crate::corpus::Document;
use crate::load::Load;
use crate::server::{Behaviour, Server};

/// The longest time to export spans and metrics on exit: one request to a collector may take 10 s by OpenTelemetry's defaults.
const STOP_DEADLINE: Duration = Duration::from_secs(11);

/// The longest time to wait for the traces that are printed.
const FLUSH_DEADLINE: Duration = Duration::from_millis(1_500);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = if arguments.serve { serve(arguments).await } else { ask(arguments).await };
    ended.unwrap_or_else(|error| {
        eprintln!("error: {}", session::with_causes(error.as_ref()));
        ExitCode::FAILURE
    })
}

/// Answers the questions, and prints traces and statistics.
async fn ask(arguments: Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let (documents, questions) = inputs(&arguments, questions::SESSION.iter().copied())?;
    let capture = InMemorySpans::default();
    let mut telemetry = telemetry_builder().span_exporter(capture.clone());
    if std::env::var_os("TTA_METRICS_ADDR").is_none() {
        // A run this short is not scraped, and the default port may be in use by a longer one.
        telemetry = telemetry.metrics_addr(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    }
    let telemetry = telemetry.init()?;
    // A run that is stopped in the middle exports its spans; serving stops in order instead.
    if let Err(error) = telemetry.shutdown_on_signal() {
        eprintln!("spans of an interrupted run are not exported: {error}");
    }
    let (assistant, _server) = assistant(&arguments, documents).await?;

    let unanswered = session::run(&assistant, &questions).await;
    telemetry.flush(FLUSH_DEADLINE);
    output::print(&format!("Traces\n{}", trace::tree(&capture.take())));
    output::print(&report::numbers(&tta_runtime::stats()));
    stop_telemetry(&telemetry);
    Ok(if unanswered == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs workflows until the program is stopped, and serves their metrics.
async fn serve(arguments: Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let all = questions::SESSION.iter().chain(questions::MORE).copied();
    let (documents, questions) = inputs(&arguments, all)?;
    let telemetry = telemetry_builder().init()?;
    let (assistant, _server) = assistant(&arguments, documents).await?;
    if let Some(address) = telemetry.metrics_addr() {
        eprintln!("Metrics: http://{address}/metrics. Ctrl-C or SIGTERM stops.");
    }
    if let Some(page) = telemetry.page_url() {
        eprintln!("Live page: {page}");
    }

    let load = Load { questions, rate: arguments.rate, seed: arguments.seed };
    let tally = load.run(Arc::new(assistant), stop(arguments.minutes)).await;
    output::print(&format!("{tally}\n\n{}", report::numbers(&tta_runtime::stats())));
    stop_telemetry(&telemetry);
    Ok(ExitCode::SUCCESS)
}

/// Names the service, unless the environment does.
fn telemetry_builder() -> Builder {
    tta_runtime::builder().default_service_name("tta-examples").service_version(env!("CARGO_PKG_VERSION"))
}

/// Exports what is left, and says what could not be exported.
fn stop_telemetry(telemetry: &Telemetry) {
    let left = telemetry.shutdown(STOP_DEADLINE);
    if left.abandoned_spans > 0 {
        eprintln!("{} spans could not be exported in time", left.abandoned_spans);
    }
    if !left.metrics_sent {
        eprintln!("the last metrics could not be exported in time");
    }
}

/// Waits for a signal, or until `limit` has passed; zero means no limit.
async fn stop(limit: Duration) {
    let signal = async {
        if let Err(error) = signals::stop_requested().await {
            eprintln!("cannot handle signals, so only --minutes stops this: {error}");
            std::future::pending::<()>().await;
        }
    };
    if limit.is_zero() {
        signal.await;
    } else {
        // A signal and a timeout both mean to stop.
        let _ = tokio::time::timeout(limit, signal).await;
    }
}

/// Returns the documents and the questions. `default_questions` are for the embedded handbook only.
fn inputs<'a>(
    arguments: &Arguments,
    default_questions: impl Iterator<Item = &'a str>,
) -> Result<(Vec<Document>, Vec<String>), Box<dyn Error>> {
    let documents = match &arguments.input {
        Some(path) => corpus::read(path)?,
        None => corpus::lighthouses(),
    };
    let questions = match (&arguments.questions, &arguments.input) {
        (given, _) if !given.is_empty() => given.clone(),
        (_, None) => default_questions.map(str::to_owned).collect(),
        (_, Some(_)) => return Err("--input needs a question about its documents; add --question TEXT".into()),
    };
    Ok((documents, questions))
}

/// Creates the assistant, and starts the embedded server unless `OPENAI_BASE_URL` names another.
async fn assistant(
    arguments: &Arguments,
    documents: Vec<Document>,
) -> Result<(Assistant, Option<Server>), Box<dyn Error>> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (base_url, server) = if let Some(base_url) = variable("OPENAI_BASE_URL") {
        (base_url, None)
    } else {
        let (seed, faults, latency_factor) = (arguments.seed, arguments.faults, arguments.latency);
        let server = Server::start(Behaviour { seed, faults, latency_factor }).await?;
        eprintln!(
            "OPENAI_BASE_URL is not set: asking the embedded server at {}. It is not a language model: it\nextracts the best \
             sentences, with token counts and prices of the models that it is named after.",
            server.base_url()
        );
        (server.base_url(), Some(server))
    };
    eprintln!("Reading {} documents.\n", documents.len());
    let client = ChatClient::new(&base_url, variable("OPENAI_API_KEY").as_deref(), arguments.timeout)?;
    // Leaks once per process; labels of metrics need `'static` names.
    let name = |name: &String| -> &'static str { name.clone().leak() };
    let limits = Limits::new(2 * arguments.timeout, arguments.budget);
    let models = Models { cheap: name(&arguments.cheap_model), strong: name(&arguments.strong_model) };
    Ok((Assistant::new(documents, client, models, arguments.note_ttl, limits)?, server))
}
