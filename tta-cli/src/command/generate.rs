//! `tta generate`: writes rules, alerts and configurations.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::output::Output;
use super::verdict::Verdict;
use crate::file::artefact::State;
use crate::file::profile::Profile;
use crate::files;

const EXAMPLES: &str = "\
Examples:
  tta generate
      Writes prometheus-rules/ and grafana/ below the current folder.
  tta generate --job checkout --out deploy/
      The same for programs that are scraped as job `checkout`, below deploy/.
  tta generate --check
      Says which files differ from what would be written, and ends with 1 where one does: for CI.";

/// Writes recording rules, alerts, dashboards and the configurations of Prometheus and Alertmanager
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Generate {
    /// The scrape's job
    #[arg(long, value_name = "NAME", default_value = "tta-primitives", value_parser = super::argument::not_empty)]
    job: String,
    /// Grafana's name of the Prometheus data source
    #[arg(long, value_name = "NAME", default_value = "Prometheus", value_parser = super::argument::not_empty)]
    datasource: String,
    /// Where the pages on alerts are: a folder or a URL that ends in /
    #[arg(long, value_name = "PLACE", default_value = "docs/runbooks/", value_parser = place)]
    runbooks: String,
    /// The folder below which files are written
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
    /// What windows and waits are divided by, to see alerts fire within minutes in a test
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=3_600))]
    speedup: u32,
    /// Write nothing, and say which files differ
    #[arg(long)]
    check: bool,
}

impl Generate {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let profile = Profile::default()
            .with_job(self.job)
            .with_datasource(self.datasource)
            .with_runbooks(self.runbooks)
            .with_speedup(self.speedup);
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
        Err("the name of a page is added to it, so it must end in `/`")
    }
}
