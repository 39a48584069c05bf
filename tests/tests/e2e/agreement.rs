//! Metrics that count the same calls agree in every scrape of a program at work.

use std::collections::{BTreeMap, BTreeSet};

use tta_runtime::View;

use crate::child::{Running, busy};
use crate::metrics::scrape;

const SCRAPES: usize = 1_000;

const FORMATS: &[&str] = &["text/plain; version=0.0.4", "application/openmetrics-text; version=1.0.0"];

/// Returns counters and the histograms that count the same events, under the names of a view.
fn pairs(view: View) -> &'static [(&'static str, &'static str)] {
    match view {
        View::Tta => &[
            ("tta_primitive_executions_total", "tta_execution_duration_seconds"),
            ("tta_workflow_executions_total", "tta_workflow_duration_seconds"),
            ("tta_llm_requests_total", "tta_llm_request_duration_seconds"),
        ],
        View::Otel => &[("primitive_execution_count_total", "primitive_execution_duration_milliseconds")],
        View::Classic => &[
            ("tta_primitive_executions_total", "tta_execution_duration_seconds"),
            ("primitive_execution_count_total", "primitive_execution_duration_milliseconds"),
            ("primitive_requests_total", "primitive_duration_seconds"),
        ],
        _ => &[],
    }
}

#[test]
fn executions_are_what_the_histogram_counts_in_every_scrape() {
    for &view in View::ALL {
        for format in FORMATS {
            check(view, format);
        }
    }
}

fn check(view: View, format: &str) {
    let mut program = Running::start(busy().env("TTA_METRICS_VIEW", view.as_str()));
    let address = program.line().parse().expect("it is an address");
    let calls = |scraped: &Scrape| {
        let counter = pairs(view).first().map(|(counter, _)| &scraped.samples[*counter]);
        counter.map(|samples| samples.values().sum::<f64>())
    };
    let mut counts = Vec::new();
    for number in 0..SCRAPES {
        let (_, text) = scrape(address, format);
        let scraped = Scrape::read(&text);
        scraped.check(pairs(view)).unwrap_or_else(|wrong| panic!("{view:?}, {format}, {number}: {wrong}\n{text}"));
        counts.extend(calls(&scraped));
    }
    counts.dedup();
    assert!(pairs(view).is_empty() || counts.len() > SCRAPES / 2, "the program is at work: {counts:?}");
    assert_eq!(program.finish().stderr, "");
}

/// The labels of a series.
type Labels = BTreeMap<String, String>;

/// The samples of one scrape, by name and labels.
struct Scrape {
    samples: BTreeMap<String, BTreeMap<Labels, f64>>,
}

impl Scrape {
    fn read(text: &str) -> Self {
        let mut samples: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            // An exemplar stands behind the value.
            let line = line.split(" # ").next().unwrap_or(line);
            let (series, value) = line.rsplit_once(' ').expect("a sample has a value");
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let value = value.parse().expect("it is a number");
            let before = samples.entry(name.to_owned()).or_default().insert(labels_of(labels), value);
            assert_eq!(before, None, "{series} stands once");
        }
        assert!(samples.len() >= 3, "{text}");
        Self { samples }
    }

    /// Returns the first disagreement.
    fn check(&self, pairs: &[(&str, &str)]) -> Result<(), String> {
        for histogram in self.samples.keys().filter_map(|name| name.strip_suffix("_bucket")) {
            for (labels, count) in &self.samples[&format!("{histogram}_count")] {
                let mut infinite = labels.clone();
                infinite.insert("le".to_owned(), "+Inf".to_owned());
                let last = self.samples[&format!("{histogram}_bucket")].get(&infinite);
                if last != Some(count) {
                    return Err(format!("{histogram}{labels:?}: {count} calls, {last:?} in the last bucket"));
                }
            }
        }
        for (counter, histogram) in pairs {
            let counts = &self.samples[&format!("{histogram}_count")];
            let names: BTreeSet<&String> = counts.keys().flat_map(BTreeMap::keys).collect();
            // The counter has more labels, such as the outcome; of the histogram's own it has all.
            let mut executions: BTreeMap<Labels, f64> = BTreeMap::new();
            for (labels, value) in &self.samples[*counter] {
                let mut labels = labels.clone();
                labels.retain(|name, _| names.contains(name));
                *executions.entry(labels).or_default() += value;
            }
            if executions != *counts {
                let differs = |(labels, count): (&Labels, &f64)| executions.get(labels) != Some(count);
                let wrong = counts.iter().find(|&(labels, count)| differs((labels, count)));
                return Err(format!("{counter} differs from {histogram}_count, first at {wrong:?}"));
            }
        }
        Ok(())
    }
}

fn labels_of(text: &str) -> Labels {
    // No label of the program has a comma, a quote or a brace in its value.
    let pairs = text.trim_end_matches('}').split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
}
