//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::server::FaultShare;

const EXAMPLES: &str = "\
Examples:
  tta-examples
      Answers three questions about the embedded handbook of lighthouses.
  tta-examples --input notes/ --question 'What did we decide about the roof?'
      Answers a question about your own .md and .txt files.
  OPENAI_BASE_URL=https://api.openai.com/v1 OPENAI_API_KEY=sk-… tta-examples
      Asks OpenAI instead of the embedded server.
  OPENAI_BASE_URL=http://127.0.0.1:11434/v1 tta-examples --cheap-model llama3.2 --strong-model qwen3 --timeout 120
      Asks Ollama, vLLM, LiteLLM or another service with OpenAI's chat API.
  tta-examples --serve --rate 2 --minutes 10 --faults 5
      Runs two workflows a second for ten minutes, with a live page on http://127.0.0.1:9464/.

Environment:
  OPENAI_BASE_URL     the service to ask; by default, an embedded server that is not a language model
  OPENAI_API_KEY      the key for that service
  TTA_METRICS_ADDR    the address of /metrics under --serve; by default 127.0.0.1:9464
  OTEL_EXPORTER_OTLP_ENDPOINT    the collector to send traces to; by default none";

/// Answers questions about a folder of documents with a language model, and reports calls, latencies, tokens and costs.
#[derive(Clone, Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A .md or .txt file, or a folder of them; by default the embedded handbook of lighthouses
    #[arg(long, value_name = "PATH")]
    pub(crate) input: Option<PathBuf>,
    /// A question; may be repeated, and later questions reuse cached notes
    #[arg(long = "question", value_name = "TEXT", value_parser = question)]
    pub(crate) questions: Vec<String>,
    /// Keep answering questions, and serve the metrics
    #[arg(long)]
    pub(crate) serve: bool,
    /// Workflows to start per second under --serve, at random times
    #[arg(long, value_name = "R", default_value = "1", value_parser = rate, requires = "serve")]
    pub(crate) rate: f64,
    /// Minutes after which --serve stops; 0 is never
    #[arg(long, value_name = "M", default_value = "0", value_parser = minutes, requires = "serve")]
    pub(crate) minutes: Duration,
    /// Percentage of the embedded server's answers that are faults: errors, rate limits, slow answers, broken connections or bodies
    #[arg(long, value_name = "PERCENT", default_value = "0", value_parser = faults)]
    pub(crate) faults: FaultShare,
    /// The seed of the embedded server's latencies and faults, and of the arrival of workflows
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) seed: u64,
    /// The factor of the embedded server's latencies; 0 answers at once
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = latency)]
    pub(crate) latency: f64,
    /// The model for easy parts
    #[arg(long, value_name = "NAME", default_value = "gpt-4o-mini")]
    pub(crate) cheap_model: String,
    /// The model for hard parts, and for answers
    #[arg(long, value_name = "NAME", default_value = "gpt-4o")]
    pub(crate) strong_model: String,
    /// Seconds until a model's answer times out; the answer to a question, with all attempts, has twice as long
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// US dollars that answers may cost per hour; beyond, questions are refused
    #[arg(long, value_name = "USD", default_value = "100", value_parser = usd)]
    pub(crate) budget: f64,
    /// Seconds for which a note is cached
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub(crate) note_ttl: Duration,
}

fn question(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err("a question must not be blank") } else { Ok(text.trim().to_owned()) }
}

fn number_within(text: &str, lowest: f64, highest: f64) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (lowest..=highest).contains(&number) {
        Ok(number)
    } else {
        Err(format!("must be between {lowest} and {highest}"))
    }
}

fn rate(text: &str) -> Result<f64, String> {
    number_within(text, 0.001, 1_000.0)
}

fn minutes(text: &str) -> Result<Duration, String> {
    number_within(text, 0.0, 525_600.0).map(|minutes| Duration::from_secs_f64(minutes * 60.0))
}

fn latency(text: &str) -> Result<f64, String> {
    number_within(text, 0.0, 100.0)
}

fn seconds(text: &str) -> Result<Duration, String> {
    number_within(text, 0.1, 86_400.0).map(Duration::from_secs_f64)
}

fn usd(text: &str) -> Result<f64, String> {
    number_within(text, 0.0, 1e6)
}

fn faults(text: &str) -> Result<FaultShare, String> {
    number_within(text, 0.0, 100.0)
        .and_then(|percent| FaultShare::from_percent(percent).ok_or("not a percentage".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(arguments: &[&str]) -> String {
        let all = [&["tta-examples"], arguments].concat();
        let error = Arguments::try_parse_from(all).expect_err("an error").to_string();
        error.lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn wrong_values_are_refused_with_the_reason() {
        assert_eq!(
            refused(&["--faults", "101"]),
            "error: invalid value '101' for '--faults <PERCENT>': must be between 0 and 100"
        );
        assert_eq!(
            refused(&["--serve", "--rate", "0"]),
            "error: invalid value '0' for '--rate <R>': must be between 0.001 and 1000"
        );
        assert_eq!(
            refused(&["--question", " "]),
            "error: invalid value ' ' for '--question <TEXT>': a question must not be blank"
        );
        assert_eq!(refused(&["--rate", "1"]), "error: the following required arguments were not provided:");
    }

    #[test]
    fn the_definition_is_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
