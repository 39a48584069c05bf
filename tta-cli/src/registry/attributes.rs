//! The definitions of all attributes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tta_runtime::View;
use tta_runtime::schema::{AttributeType, attributes};

use super::group::head;
use super::metrics;
use crate::file::yaml::entry;
use crate::own_keys::OwnKeys;

/// Returns the groups: attributes of spans, events and the resource, labels of metrics, and those of the program.
pub(super) fn groups(own: &OwnKeys) -> String {
    let mut file = String::new();
    head(&mut file, "registry.tta", "attribute_group", "Attributes of spans, events and the resource.");
    file.push_str("    attributes:\n");
    for attribute in attributes() {
        define(&mut file, attribute.name, attribute.kind, &format!("Of {}: {}.", attribute.of, attribute.source));
    }

    let labels = labels();
    head(&mut file, "registry.tta.labels", "attribute_group", "Labels of metrics.");
    file.push_str("    attributes:\n");
    for (label, of) in &labels {
        let others = of.len().saturating_sub(1);
        let first = of.first().copied().unwrap_or_default();
        let brief = if others == 0 {
            format!("Of the metric {first}.")
        } else {
            format!("Of the metric {first} and {others} others.")
        };
        define(&mut file, label, AttributeType::Text, &brief);
    }

    let known: BTreeSet<&str> =
        attributes().map(|attribute| attribute.name).chain(labels.keys().map(String::as_str)).collect();
    let own = own
        .labels
        .iter()
        .map(|label| (label, AttributeType::Text))
        .chain(own.attributes.iter().map(|(key, kind)| (key, *kind)));
    let own: BTreeMap<&String, AttributeType> = own.filter(|(key, _)| !known.contains(key.as_str())).collect();
    if !own.is_empty() {
        head(&mut file, "registry.own", "attribute_group", "Labels and attributes of the program.");
        file.push_str("    attributes:\n");
        for (key, kind) in own {
            define(&mut file, key, kind, "A label or an attribute of the program.");
        }
    }
    file
}

/// Returns the labels that are no attributes of spans too, with the metrics that have them.
fn labels() -> BTreeMap<String, Vec<&'static str>> {
    let known: BTreeSet<&str> = attributes().map(|attribute| attribute.name).collect();
    let mut labels = BTreeMap::<String, Vec<&str>>::new();
    for metric in metrics::all(View::ALL) {
        for label in metric.attributes.into_iter().filter(|label| !known.contains(label.as_str())) {
            labels.entry(label).or_default().push(metric.name);
        }
    }
    labels
}

fn define(file: &mut String, key: &str, kind: AttributeType, brief: &str) {
    let _ = writeln!(file, "      - id: {key}\n        type: {}\n        stability: development", kind.as_str());
    entry(file, 8, "brief", brief);
}
