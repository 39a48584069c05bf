//! `tta maturity`: computes metrics about components from the reports of a CI run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::failure::Failure;
use super::output::Output;
use super::verdict::Verdict;
use crate::address::masked;
use crate::document::DocumentError;
use crate::maturity::{self, Complexity, Component};

/// The longest time to wait for a Pushgateway.
const TIMEOUT: Duration = Duration::from_secs(10);

const EXAMPLES: &str = "\
Examples:
  cargo llvm-cov --workspace --json --summary-only --output-path coverage.json
  cargo mutants --workspace --output target
  mkdir -p target/complexity && echo 'cognitive-complexity-threshold = 1' > target/complexity/clippy.toml
  CLIPPY_CONF_DIR=target/complexity cargo clippy --workspace --message-format json -- -W clippy::cognitive_complexity > clippy.json
  tta maturity --coverage coverage.json --mutants target/mutants.out/outcomes.json --clippy clippy.json --push http://127.0.0.1:9091
      Pushes the metrics to a Pushgateway, as job `component-maturity` and instance `ci`.
  tta maturity --coverage coverage.json --textfile /var/lib/node_exporter/components.prom
      Writes the metrics for the node exporter's textfile collector.

A component is a package: the one whose Cargo.toml is nearest above a file, below --root. Clippy reports a function only if its
complexity is above `cognitive-complexity-threshold` in clippy.toml, hence the 1. A component reaches a stage only with all three
reports. Without clippy's report, there is no metric for the complexity gate.

A push replaces the earlier push of the same job and instance. So use the same instance in each run: `ci`, unless several
pipelines push the same job.

Requirements of stages         coverage  mutation score  complexity
  1 development                at least 0.5   0.25       at most 50
  2 staging                             0.7   0.5                25
  3 production                          0.85  0.75               25";

/// Computes metrics about the maturity of components from reports on coverage, mutation tests and complexity
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
    /// The workspace that the reports are about; the current folder by default
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
    /// The address of a Pushgateway to push the metrics to
    #[arg(long, value_name = "URL", conflicts_with = "textfile")]
    push: Option<String>,
    /// The job of the pushed metrics
    #[arg(long, value_name = "NAME", default_value = "component-maturity", requires = "push", value_parser = super::argument::not_empty)]
    job: String,
    /// The instance of the pushed metrics
    #[arg(long, value_name = "NAME", default_value = "ci", requires = "push", value_parser = super::argument::not_empty)]
    instance: String,
    /// The file to write the metrics to, atomically; by default they are printed
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

/// Reads and parses a tool's report; returns an empty map without a path.
fn read<T>(
    tool: &str,
    path: Option<&Path>,
    parse: impl FnOnce(&str) -> Result<BTreeMap<String, T>, serde_json::Error>,
) -> Result<BTreeMap<String, T>, Failure> {
    let Some(path) = path else { return Ok(BTreeMap::new()) };
    let text = std::fs::read_to_string(path).map_err(|source| Failure::Read { path: path.to_owned(), source })?;
    let syntax = |error: serde_json::Error| DocumentError::Syntax(format!("not a report of `{tool}`: {error}"));
    parse(&text).map_err(|error| Failure::Document { path: path.to_owned(), source: syntax(error) })
}

/// Pushes metrics, which replace those that an earlier run pushed for the same job and instance.
fn push(url: &str, [job, instance]: [&str; 2], text: String) -> Result<(), Failure> {
    let failure = |reason: String| Failure::Push { url: masked(url), reason };
    let mut address = reqwest::Url::parse(url).map_err(|error| failure(error.to_string()))?;
    address
        .path_segments_mut()
        .map_err(|()| failure("not the address of a server".to_owned()))?
        .pop_if_empty()
        .extend(["metrics", "job", job, "instance", instance]);
    let client = reqwest::blocking::Client::builder().timeout(TIMEOUT).build();
    let answer = client.and_then(|client| client.put(address).body(text).send());
    let answer = answer.map_err(|error| failure(crate::http::innermost(error)))?;
    if answer.status().is_success() {
        return Ok(());
    }
    let status = answer.status();
    Err(failure(format!("the answer is {status}: {}", answer.text().unwrap_or_default().trim())))
}

/// Replaces a file atomically: a reader sees either the old text or the new one.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    std::fs::write(&new, text)?;
    std::fs::rename(&new, path)
}
