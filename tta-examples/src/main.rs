//! Answers questions about a folder of documents, and shows what the answers took: the start, and the table of contents.

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
use tta_runtime::trace;

use crate::assistant::{Assistant, Models};
use crate::cli::Arguments;
use crate::client::ChatClient;
use crate::corpus::Document;
use crate::load::Load;
use crate::server::{Behaviour, Server};

/// How long spans and metrics may take to leave when the program ends.
const FLUSH_DEADLINE: Duration = Duration::from_millis(1_500);
/// The exit status of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = if arguments.serve { serve(arguments).await } else { ask(arguments).await };
    ended.unwrap_or_else(|error| {
        eprintln!("error: {}", session::with_causes(error.as_ref()));
        ExitCode::FAILURE
    })
}

/// Answers the questions, and prints what that took.
async fn ask(arguments: Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let (documents, questions) = subject(&arguments, questions::SESSION.iter().copied())?;
    let capture = InMemorySpans::default();
    let mut telemetry = tta_runtime::builder().service_name("tta-examples").span_exporter(capture.clone());
    if std::env::var_os("TTA_METRICS_ADDR").is_none() {
        // Nobody reads the metrics of a run this short, and the usual port may serve those of a longer one.
        telemetry = telemetry.metrics_addr(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    }
    let telemetry = telemetry.init()?;
    let (assistant, _server) = assistant(&arguments, documents).await?;

    let without_answer = tokio::select! {
        without_answer = session::run(&assistant, &questions) => Some(without_answer),
        stopped = signals::stop_requested() => { stopped?; None }
    };
    telemetry.flush(FLUSH_DEADLINE);
    output::print(&format!("Traces\n{}", trace::tree(&capture.take())));
    output::print(&report::numbers(&tta_runtime::stats()));
    let _ = telemetry.shutdown(FLUSH_DEADLINE);
    Ok(match without_answer {
        None => ExitCode::from(INTERRUPTED),
        Some(0) => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}

/// Runs workflows until it is told to stop, and shows the metrics meanwhile.
async fn serve(arguments: Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let all = questions::SESSION.iter().chain(questions::MORE).copied();
    let (documents, questions) = subject(&arguments, all)?;
    let telemetry = tta_runtime::builder().service_name("tta-examples").init()?;
    let (assistant, _server) = assistant(&arguments, documents).await?;
    if let Some(address) = telemetry.metrics_addr() {
        eprintln!("Metrics: http://{address}/metrics. Ctrl-C or SIGTERM ends.");
    }

    let load = Load { questions, rate: arguments.rate, seed: arguments.seed };
    let tally = load.run(Arc::new(assistant), stop(arguments.minutes)).await;
    output::print(&format!("{tally}\n\n{}", report::numbers(&tta_runtime::stats())));
    let left = telemetry.shutdown(FLUSH_DEADLINE);
    if left.abandoned_spans > 0 {
        eprintln!("{} spans could not be sent in time", left.abandoned_spans);
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns when a signal comes, or when the time is over, where there is a time.
async fn stop(limit: Duration) {
    let signal = async {
        if let Err(error) = signals::stop_requested().await {
            eprintln!("signals cannot be received, so that only the time ends this: {error}");
            std::future::pending::<()>().await;
        }
    };
    if limit.is_zero() {
        signal.await;
    } else {
        // Either of the two is reason enough.
        let _ = tokio::time::timeout(limit, signal).await;
    }
}

/// Returns what is asked about, and what is asked: `default_questions` fit the handbook only.
fn subject<'a>(
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
        (_, Some(_)) => return Err("ask something about these documents with --question TEXT".into()),
    };
    Ok((documents, questions))
}

/// Makes the assistant, and the embedded server where no other is named.
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
            "No OPENAI_BASE_URL: asking the embedded server at {}. It is no language model: it repeats\nthe sentences \
             that fit best, and counts tokens and prices of the models whose names it bears.",
            server.base_url()
        );
        (server.base_url(), Some(server))
    };
    eprintln!("Reading {} documents.\n", documents.len());
    let client = ChatClient::new(&base_url, variable("OPENAI_API_KEY").as_deref(), arguments.timeout)?;
    // Once per process, so that nothing piles up.
    let name = |name: &String| -> &'static str { name.clone().leak() };
    let models = Models { cheap: name(&arguments.cheap_model), dear: name(&arguments.dear_model) };
    Ok((Assistant::new(documents, client, models, arguments.note_ttl)?, server))
}
