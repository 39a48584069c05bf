//! `tta list`: lists annotated functions of sources or of a running program.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::failure::Failure;
use super::output::Output;
use super::sources;
use super::verdict::Verdict;
use crate::address::masked;
use crate::annotated::{self, Annotated};

/// The longest time to wait for a program's metrics.
const TIMEOUT: Duration = Duration::from_secs(10);

const EXAMPLES: &str = "\
Examples:
  tta list src/
      Lists each function in the sources that has #[primitive(…)], with file and line.
  tta list --url http://127.0.0.1:9464/metrics
      Lists the functions of a running program, and how many of their calls ended. The program must expose the view `tta`, which is
      the default; see TTA_METRICS_VIEW.";

/// Lists annotated functions of sources or of a running program
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    /// Files and folders with Rust sources; the current folder by default
    #[arg(value_name = "PATH", conflicts_with = "url")]
    paths: Vec<PathBuf>,
    /// The address of a running program's metrics
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl List {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let found = match self.url {
            Some(url) => {
                let text = fetch(&url)?;
                if let Some(view) = annotated::detect_other_view(&text) {
                    return Err(Failure::View { url: masked(&url), view: view.as_str() });
                }
                annotated::in_metrics(&text)
            }
            None => of_sources(self.paths)?,
        };
        let mut output = Output::default();
        let verdict = if found.is_empty() {
            output.line("no annotated function found");
            Verdict::Found
        } else {
            output.text(table(&found));
            Verdict::Clean
        };
        output.finish()?;
        Ok(verdict)
    }
}

fn fetch(url: &str) -> Result<String, Failure> {
    let client = reqwest::blocking::Client::builder().timeout(TIMEOUT).build();
    let answer =
        client.and_then(|client| client.get(url).send()).and_then(reqwest::blocking::Response::error_for_status);
    answer
        .and_then(reqwest::blocking::Response::text)
        .map_err(|error| Failure::Fetch { url: masked(url), reason: crate::http::innermost(error) })
}

fn of_sources(paths: Vec<PathBuf>) -> Result<Vec<Annotated>, Failure> {
    let paths = if paths.is_empty() { vec![PathBuf::from(".")] } else { paths };
    // A file that does not parse, such as a template, has no functions either.
    let of_file =
        |(path, text): (PathBuf, String)| annotated::in_source(&text, &path.display().to_string()).unwrap_or_default();
    Ok(sources::read(&paths)?.into_iter().flat_map(of_file).collect())
}

/// Formats a table with columns as wide as their widest cell.
fn table(found: &[Annotated]) -> String {
    let rows: Vec<_> = found.iter().map(|one| [&one.kind, &one.name, &one.place]).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let (kinds, names) = (width(0), width(1));
    rows.iter()
        .map(|[kind, name, place]| format!("{kind:kinds$}  {name:names$}  {place}\n"))
        .collect::<Vec<_>>()
        .concat()
}
