//! `tta generate`: writes rules, alerts, dashboards and configurations.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::output::Output;
use super::sources;
use super::verdict::Verdict;
use crate::file::artefact::State;
use crate::file::profile::Profile;
use crate::files;
use crate::own_keys::OwnKeys;

const EXAMPLES: &str = "\
Examples:
  tta generate
      Writes prometheus-rules/, grafana/ and registry/ below the current folder.
  tta generate --job checkout --out deploy/
      The same for programs that Prometheus scrapes as job `checkout`, below deploy/.
  tta generate --sources src/
      The registry also has the labels and the attributes of the functions that are annotated in these sources.
  tta generate --check
      Writes nothing, lists files that are missing or out of date, and exits with 1 if there are any: for CI.";

/// Writes recording rules, alerts, dashboards, the configurations of Prometheus and Alertmanager, and a registry of all names for weaver
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Generate {
    /// The Prometheus job of the observed programs
    #[arg(long, value_name = "NAME", default_value = "tta-primitives", value_parser = super::argument::not_empty)]
    job: String,
    /// The name of the Prometheus data source in Grafana
    #[arg(long, value_name = "NAME", default_value = "Prometheus", value_parser = super::argument::not_empty)]
    datasource: String,
    /// The folder or URL of the runbooks, ending in /
    #[arg(long, value_name = "PLACE", default_value = "docs/runbooks/", value_parser = place)]
    runbooks: String,
    /// The output folder
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
    /// The divisor of all windows and waits: makes alerts fire within minutes in a test
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=3_600))]
    speedup: u32,
    /// Let queries read native histograms where they are there, and classic ones otherwise
    #[arg(long)]
    native_histograms: bool,
    /// Rust sources, as files or folders, whose labels and attributes the registry has too
    #[arg(long, value_name = "PATH")]
    sources: Vec<PathBuf>,
    /// Write nothing, and list files that are missing or out of date
    #[arg(long)]
    check: bool,
}

impl Generate {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let mut own_keys = OwnKeys::default();
        for (_, text) in sources::read(&self.sources)? {
            own_keys.add_source(&text);
        }
        let profile = Profile::default()
            .with_own_keys(own_keys)
            .with_job(self.job)
            .with_datasource(self.datasource)
            .with_runbooks(self.runbooks)
            .with_speedup(self.speedup);
        let profile = if self.native_histograms { profile.with_native_histograms() } else { profile };
        let (mut output, mut verdict) = (Output::default(), Verdict::Clean);
        for artefact in files::all(&profile) {
            let path = self.out.join(&artefact.path);
            let state = artefact.state(&self.out).map_err(|source| Failure::Read { path: path.clone(), source })?;
            let word = match (state, self.check) {
                (State::Equal, _) => continue,
                (State::Different, true) => "differs",
                (State::Missing, true) => "is missing",
                (_, false) => {
                    artefact.write(&self.out).map_err(|source| Failure::Write { path: path.clone(), source })?;
                    output.line(path.display());
                    continue;
                }
            };
            output.line(format_args!("{} {word}", path.display()));
            verdict = Verdict::Found;
        }
        output.finish()?;
        Ok(verdict)
    }
}

fn place(text: &str) -> Result<String, &'static str> {
    if text.ends_with('/') {
        Ok(text.to_owned())
    } else {
        Err("must end in `/`, since the name of a runbook is appended")
    }
}
