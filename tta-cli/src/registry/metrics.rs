//! The metrics of all views, each once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tta_runtime::{SentMetric, View};

use super::group::{head, references};
use crate::file::yaml::entry;
use crate::own_keys::OwnKeys;

/// Returns the metrics of these views by name; one that several have has the attributes of each.
pub(super) fn all(views: &[View]) -> Vec<SentMetric> {
    let mut all = BTreeMap::<&str, SentMetric>::new();
    for metric in views.iter().flat_map(|view| view.sent()) {
        match all.get_mut(metric.name) {
            None => drop(all.insert(metric.name, metric)),
            Some(known) => {
                known.own_labels |= metric.own_labels;
                for label in metric.attributes {
                    if !known.attributes.contains(&label) {
                        known.attributes.push(label);
                    }
                }
            }
        }
    }
    all.into_values().collect()
}

pub(super) fn groups(own: &OwnKeys) -> String {
    let mut file = String::new();
    for metric in all(View::ALL) {
        head(&mut file, &format!("metric.{}", metric.name), "metric", metric.help);
        let _ = writeln!(file, "    metric_name: {}\n    instrument: {}", metric.name, metric.instrument.as_str());
        // Weaver wants a unit; `1` is that of plain numbers.
        entry(&mut file, 4, "unit", if metric.unit.is_empty() { "1" } else { metric.unit });
        let own = own.labels.iter().filter(|label| metric.own_labels && !metric.attributes.contains(label));
        references(&mut file, metric.attributes.iter().chain(own).map(|label| (label.as_str(), "recommended")));
    }
    file
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use tta_runtime::View;

    #[test]
    fn a_name_means_the_same_in_each_view() {
        let mut known = BTreeMap::new();
        for metric in View::ALL.iter().flat_map(|view| view.sent()) {
            let meaning = (metric.instrument, metric.unit);
            assert_eq!(*known.entry(metric.name).or_insert(meaning), meaning, "{}", metric.name);
        }
        assert!(known.len() > 80, "{}", known.len());
    }
}
