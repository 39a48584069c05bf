//! `tta check`: reports unknown metrics and labels in rules and dashboards.

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
      Reports metrics and labels in the queries that do not exist, and exits with 1 if there are any.
  tta check --label audience --label cluster my-dashboard.json
      The same if functions have a label `audience`, and the scrape config adds a label `cluster`.
  tta check --view otel,tta my-dashboard.json
      The same if programs run with TTA_METRICS_VIEW=otel,tta and expose those names on /metrics. The shipped recording rules read
      the view `tta`; without it, only those count whose metrics the other views have.

Metrics of other programs are ignored, unless a name is almost one of TTA's.";

/// Checks rule files and dashboards, including your own, for metrics and labels that do not exist
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// Rule files (.yml, .yaml) and dashboards (.json)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A label of your own, set by functions or by the scrape config; may be repeated
    #[arg(long = "label", value_name = "NAME")]
    labels: Vec<String>,
    /// The views in which programs expose metrics, as in `TTA_METRICS_VIEW`; separated by commas
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
    PossibleValuesParser::new(View::ALL.iter().map(|view| view.as_str())).try_map(|name| name.parse::<View>())
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

/// Adds the series that the files record, before any query is checked: a rule may read a series that a later file records.
fn add_recorded<'a>(catalogue: &mut Catalogue, queries: impl Iterator<Item = &'a Query>) {
    let rules: Vec<_> = queries.filter_map(|query| Some((query.records.as_deref()?, query))).collect();
    for (name, _) in &rules {
        catalogue.add(name, None);
    }
    // Each round resolves rules that read series resolved in an earlier one, so as many rounds as rules are enough.
    for _ in &rules {
        let mut recorded: BTreeMap<&str, Option<Labels>> = BTreeMap::new();
        for (name, query) in &rules {
            let labels = recorded_labels(query, catalogue);
            // Several rules may record one series; its labels are known only if those of all its rules are.
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

/// Returns the labels of the series that a rule records, `None` if they are unknown.
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

/// Returns the mistakes in a query, and in the labels that annotations and legends refer to.
fn findings(query: &Query, catalogue: &Catalogue) -> Vec<Finding> {
    let mut findings = analysis::findings(&query.text, catalogue);
    if let Some(labels) = analysis::labels(&query.text, catalogue) {
        findings
            .extend(query.referenced_labels.iter().filter_map(|label| analysis::missing(label, &labels, "the result")));
    }
    findings
}
