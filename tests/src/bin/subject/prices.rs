//! A program whose first model call comes before the prices are decoded, and one that reads price files.

use tta_runtime::llm::{self, Usage};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

/// Calls models before any price was needed in this process, and prints the counts and the span attributes.
pub(super) fn run_first() {
    let recording = Recording::new();
    recording.run(|| {
        answer();
        answer();
        fail().unwrap_err();
    });
    print!("{}", recording.metrics("tta_llm_cost_total"));
    print!("{}", recording.metrics("tta_llm_unpriced_total"));
    for span in recording.spans() {
        let cost = span.attributes.iter().find(|attribute| attribute.key.as_str() == "gen_ai.usage.cost");
        println!("{}: {:?}", span.name, cost.map(|cost| cost.value.to_string()));
    }
}

#[primitive(type = "llm", action = "generate", provider = "openai", model = "gpt-4o")]
fn answer() -> Usage {
    Usage::new(1_000, 200).with_cached_input_tokens(400)
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "no-such-model", usage = manual)]
fn fail() -> Result<(), String> {
    llm::record(Usage::new(10, 1));
    Err("refused".into())
}

/// Reads the price files that its standard input names, one per line, and prints the result of each; first the one of the
/// environment.
pub(super) fn run_files() {
    let telemetry = match tta_runtime::builder().service_name("subject").init() {
        Ok(telemetry) => telemetry,
        Err(error) => {
            println!("error: {error}");
            return;
        }
    };
    let price = || llm::price("anywhere", "our-model", &Usage::new(1_000, 0)).map(|price| price.to_string());
    println!("{:?}", price());
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let read = if line.is_empty() { telemetry.reload_prices() } else { llm::reload_prices(&line) };
        match read {
            Ok(models) => println!("{models} models, {:?}", price()),
            Err(error) => println!("{error}, {:?}", price()),
        }
    }
    let _ = telemetry.shutdown(super::PATIENCE);
}

/// Prints the price of a model, and how often prices were read, for each line of its standard input.
pub(super) fn run_url() {
    let log = tracing_subscriber::fmt().without_time().with_ansi(false).with_writer(std::io::stderr);
    log.with_max_level(tracing::Level::TRACE).init();
    let telemetry = super::start();
    // The bundled prices are decoded once, before the first line.
    let price = || llm::price("anywhere", "our-model", &Usage::new(1_000, 0)).map(|price| price.to_string());
    println!("{:?}", price());
    for _ in std::io::stdin().lines().map_while(Result::ok) {
        let text = tta_runtime::metrics_text();
        let reads = text.lines().filter_map(|line| line.strip_prefix("tta_llm_price_reads_total{result="));
        println!("{:?} {}", price(), reads.collect::<Vec<_>>().join(" "));
    }
    let _ = telemetry.shutdown(super::PATIENCE);
}
