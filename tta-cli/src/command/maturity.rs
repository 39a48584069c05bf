//! `tta maturity`: turns the reports of a CI run into metrics about components.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::failure::Failure;
use super::output::Output;
use super::verdict::Verdict;
use crate::document::DocumentError;
use crate::maturity::{self, Complexity, Component};

/// How long a Pushgateway may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

const EXAMPLES: &str = "\
Examples:
  cargo llvm-cov --workspace --json --summary-only --output-path coverage.json
  cargo mutants --workspace --output target
  mkdir -p target/complexity && echo 'cognitive-complexity-threshold = 1' > target/complexity/clippy.toml
  CLIPPY_CONF_DIR=target/complexity cargo clippy --workspace --message-format json -- -W clippy::cognitive_complexity > clippy.json
  tta maturity --coverage coverage.json --mutants target/mutants.out/outcomes.json --clippy clippy.json --push http://127.0.0.1:9091
      Sends the metrics to a Pushgateway, as job `component-maturity` and instance `ci`.
  tta maturity --coverage coverage.json --textfile /var/lib/node_exporter/components.prom
      Writes them for the node exporter's textfile collector.

A component is a package: the one whose Cargo.toml is nearest above a file, below --root. Clippy names a function only where its
complexity is above `cognitive-complexity-threshold` in clippy.toml, hence the 1. A stage is reached with all three reports;
without that of clippy no gate for complexity is told of, passed or not.

A push takes the place of the one before it that had the same job and instance. So let the instance be the same in each run:
`ci`, unless several pipelines push the same job.

Stages ask for                 coverage  mutation score  complexity
  1 development                at least 0.5   0.25       at most 50
  2 staging                             0.7   0.5                25
  3 production                          0.85  0.75               25";

/// Turns the reports of coverage, mutation tests and clippy into metrics about the maturity of components
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Maturity {
    /// The report of `cargo llvm-cov --json`
    #[arg(long, value_name = "FILE")]
    coverage: Option<PathBuf>,
    /// The report of `cargo mutants`: outcomes.json
    #[arg(long, value_name = "FILE")]
    mutants: Option<PathBuf>,
    /// The report of `cargo clippy --message-format json`
    #[arg(long, value_name = "FILE")]
    clippy: Option<PathBuf>,
    /// The folder that has the packages, as the reports name it; the current one by default
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
    /// The Pushgateway to send the metrics to
    #[arg(long, value_name = "URL", conflicts_with = "textfile")]
    push: Option<String>,
    /// The job that the metrics are pushed as
    #[arg(long, value_name = "NAME", default_value = "component-maturity", requires = "push", value_parser = super::argument::not_empty)]
    job: String,
    /// The instance that the metrics are pushed as
    #[arg(long, value_name = "NAME", default_value = "ci", requires = "push", value_parser = super::argument::not_empty)]
    instance: String,
    /// The file to write the metrics to, whole or not at all; without it and without --push they are printed
    #[arg(long, value_name = "FILE")]
    textfile: Option<PathBuf>,
}

impl Maturity {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        if self.coverage.is_none() && self.mutants.is_none() && self.clippy.is_none() {
            return Err(Failure::NothingToDo("give at least one report: --coverage, --mutants or --clippy"));
        }
        let here = PathBuf::from(".");
        let root = self.root.as_ref().unwrap_or(&here);
        let root = root.canonicalize().map_err(|source| Failure::Read { path: root.clone(), source })?;
        let root = root.to_string_lossy();
        let mut components: BTreeMap<String, Component> = BTreeMap::new();
        for (name, counts) in
            read("cargo llvm-cov --json", self.coverage.as_deref(), |text| maturity::line_counts(text, &root))?
        {
            components.entry(name).or_default().lines = counts;
        }
        for (name, counts) in read("cargo mutants", self.mutants.as_deref(), maturity::mutant_counts)? {
            components.entry(name).or_default().mutants = counts;
        }
        for (name, complexity) in read("cargo clippy --message-format json", self.clippy.as_deref(), |text| {
            maturity::complexities(text, &root)
        })? {
            components.entry(name).or_default().complexity = Complexity::Max(complexity);
        }
        if self.clippy.is_some() {
            let unnamed = components.values_mut().filter(|one| one.complexity == Complexity::NotMeasured);
            unnamed.for_each(|component| component.complexity = Complexity::BelowThreshold);
        }
        if components.is_empty() {
            return Err(Failure::NothingToDo(
                "the reports name no component; is --root the workspace that they are about?",
            ));
        }
        let text = maturity::render(&components);
        match (self.push, self.textfile) {
            (Some(url), _) => push(&url, [&self.job, &self.instance], text)?,
            (None, Some(path)) => replace(&path, &text).map_err(|source| Failure::Write { path, source })?,
            (None, None) => {
                let mut output = Output::default();
                output.text(text);
                output.finish()?;
            }
        }
        Ok(Verdict::Clean)
    }
}

/// Reads a tool's report, nothing where there is none.
fn read<T>(
    tool: &str,
    path: Option<&Path>,
    parse: impl FnOnce(&str) -> Result<BTreeMap<String, T>, serde_json::Error>,
) -> Result<BTreeMap<String, T>, Failure> {
    let Some(path) = path else { return Ok(BTreeMap::new()) };
    let text = std::fs::read_to_string(path).map_err(|source| Failure::Read { path: path.to_owned(), source })?;
    let syntax = |error: serde_json::Error| DocumentError::Syntax(format!("no report of `{tool}`: {error}"));
    parse(&text).map_err(|error| Failure::Document { path: path.to_owned(), source: syntax(error) })
}

/// Replaces what an earlier run pushed as this job and instance.
fn push(url: &str, [job, instance]: [&str; 2], text: String) -> Result<(), Failure> {
    let failure = |reason: String| Failure::Push { url: url.to_owned(), reason };
    let mut address = reqwest::Url::parse(url).map_err(|error| failure(error.to_string()))?;
    address
        .path_segments_mut()
        .map_err(|()| failure("it is no address of a server".to_owned()))?
        .pop_if_empty()
        .extend(["metrics", "job", job, "instance", instance]);
    let client = reqwest::blocking::Client::builder().timeout(TIMEOUT).build();
    let answer = client.and_then(|client| client.put(address).body(text).send());
    let answer = answer.map_err(|error| failure(super::http::innermost(&error)))?;
    if answer.status().is_success() {
        return Ok(());
    }
    let status = answer.status();
    Err(failure(format!("it answers {status}: {}", answer.text().unwrap_or_default().trim())))
}

/// Writes a file so that a reader sees the old text or the new one, and nothing between.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    std::fs::write(&new, text)?;
    std::fs::rename(&new, path)
}
