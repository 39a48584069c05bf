//! `tta check`: holds rules and dashboards against the series that exist.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use tta_runtime::View;

use super::failure::Failure;
use super::output::Output;
use super::verdict::Verdict;
use crate::document::{self, Query};
use crate::promql::analysis;
use crate::promql::catalogue::{Catalogue, Labels};
use crate::promql::finding::Finding;

const EXAMPLES: &str = "\
Examples:
  tta check prometheus-rules/recording.yml prometheus-rules/alerts.yml grafana/dashboards/*.json
      Says which metrics and labels in the queries do not exist, and ends with 1 where there is one.
  tta check --label audience --label cluster my-dashboard.json
      The same where functions have a label `audience`, and the scrape adds a label `cluster`.
  tta check --view otel,tta my-dashboard.json
      The same where programs run with TTA_METRICS_VIEW=otel,tta: names are as /metrics shows them then. Rules that are shipped
      read the view `tta`; under another view alone those of them exist that find what they read.

Metrics of other programs are left alone, unless their names are nearly those of TTA's.";

/// Checks rule files and dashboards, yours too: says which metrics and labels in them do not exist
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// Rule files (.yml, .yaml) and dashboards (.json)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A label of your own: one that functions carry, or that the scrape adds; may be repeated
    #[arg(long = "label", value_name = "NAME")]
    labels: Vec<String>,
    /// The names under which programs show their numbers, as `TTA_METRICS_VIEW` has them; several with commas between them
    #[arg(
        long = "view",
        value_name = "VIEW",
        value_delimiter = ',',
        default_value = View::Tta.as_str(),
        value_parser = view()
    )]
    views: Vec<View>,
}

fn view() -> impl TypedValueParser<Value = View> {
    let find =
        |word: String| View::ALL.iter().copied().find(|view| view.as_str() == word).ok_or("there is no such view");
    PossibleValuesParser::new(View::ALL.iter().map(|view| view.as_str())).try_map(find)
}

impl Check {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let mut catalogue = Catalogue::for_views(&self.views, self.labels);
        let mut documents = Vec::new();
        for path in self.files {
            let text = std::fs::read_to_string(&path).map_err(|source| Failure::Read { path: path.clone(), source })?;
            let queries =
                document::queries(&path, &text).map_err(|source| Failure::Document { path: path.clone(), source })?;
            documents.push((path, queries));
        }
        add_recorded(&mut catalogue, documents.iter().flat_map(|(_, queries)| queries));
        let (mut output, mut verdict) = (Output::default(), Verdict::Clean);
        for (path, queries) in &documents {
            for query in queries {
                for finding in findings(query, &catalogue) {
                    output.line(format_args!("{}: {}: {finding}", path.display(), query.place));
                    verdict = Verdict::Found;
                }
            }
        }
        output.finish()?;
        Ok(verdict)
    }
}

/// Adds what files record, before the first query is judged: rules may read what any of the files records, also a later one.
fn add_recorded<'a>(catalogue: &mut Catalogue, queries: impl Iterator<Item = &'a Query>) {
    let rules: Vec<_> = queries.filter_map(|query| Some((query.records.as_deref()?, query))).collect();
    for (name, _) in &rules {
        catalogue.add(name, None);
    }
    // Each turn finds out about rules that read what an earlier turn found out about, so the last possible one is known.
    for _ in &rules {
        let mut recorded: BTreeMap<&str, Option<Labels>> = BTreeMap::new();
        for (name, query) in &rules {
            let labels = recorded_labels(query, catalogue);
            // Several rules may record one name; where the labels of one are not known, those of the name are not.
            let together = |known: Option<Labels>| Some(&known? | labels.as_ref()?);
            let together = recorded.remove(name).map_or(labels.clone(), together);
            recorded.insert(name, together);
        }
        if recorded.iter().all(|(name, labels)| catalogue.labels(name) == labels.as_ref()) {
            return;
        }
        for (name, labels) in recorded {
            catalogue.add(name, labels);
        }
    }
}

/// Returns the labels of what a rule records, `None` where they are not known.
fn recorded_labels(query: &Query, catalogue: &Catalogue) -> Option<Labels> {
    let mut labels = analysis::labels(&query.text, catalogue)?;
    for (label, value) in &query.set_labels {
        if value.is_empty() {
            labels.remove(label);
        } else {
            labels.insert(label.clone());
        }
    }
    Some(labels)
}

/// Returns what is wrong with a query, and with the texts beside it.
fn findings(query: &Query, catalogue: &Catalogue) -> Vec<Finding> {
    let mut findings = analysis::findings(&query.text, catalogue);
    if let Some(labels) = analysis::labels(&query.text, catalogue) {
        findings
            .extend(query.referenced_labels.iter().filter_map(|label| analysis::missing(label, &labels, "the answer")));
    }
    findings
}
