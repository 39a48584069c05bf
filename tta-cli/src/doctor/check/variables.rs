//! Variables of the environment that nobody reads.

use crate::doctor::finding::Finding;
use crate::doctor::program::Program;

/// All variables of docs/configuration.md whose names begin with `TTA_`.
const KNOWN: &[&str] = &[
    "TTA_COMPATIBILITY",
    "TTA_CONSOLE_TRACES",
    "TTA_DASHBOARDS",
    "TTA_METRICS_ADDR",
    "TTA_METRICS_TLS_CERT",
    "TTA_METRICS_TLS_KEY",
    "TTA_METRICS_VIEW",
    "TTA_NATIVE_HISTOGRAMS",
    "TTA_OTLP_METRICS_VIEW",
    "TTA_PAGE",
    "TTA_PRICES_FILE",
    "TTA_PRICES_INTERVAL_SECONDS",
    "TTA_PRICES_URL",
    "TTA_PUSHGATEWAY_URL",
    "TTA_SPAN_DETAIL",
    "TTA_SPAN_NAMES",
    "TTA_SPAN_QUEUE_BYTES",
];

/// The likeness from which a name is taken for a misspelt one.
const LIKE: f64 = 0.7;

pub(super) fn check(program: &Program) -> Vec<Finding> {
    let set = program.status.iter().flat_map(|status| &status.variables);
    let unknown = set.filter(|name| name.starts_with("TTA_") && !KNOWN.contains(&name.as_str()));
    unknown
        .map(|name| {
            let likeness = |known: &&&str| strsim::normalized_damerau_levenshtein(bare(name), bare(known));
            let nearest = KNOWN.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            let remedy = match nearest.filter(|known| likeness(known) >= LIKE) {
                Some(known) => format!("did you mean `{known}`?"),
                None => "remove it".to_owned(),
            };
            Finding::of(program, format!("`{name}` is set, and TTA reads no such variable"), remedy)
        })
        .collect()
}

/// Returns a name without what all names begin with.
fn bare(name: &str) -> &str {
    name.trim_start_matches("TTA_")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::KNOWN;

    #[test]
    fn the_known_variables_are_those_of_the_documentation() {
        let page = include_str!("../../../../docs/configuration.md");
        let words = page.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let documented: BTreeSet<_> = words.filter(|word| word.len() > 4 && word.starts_with("TTA_")).collect();
        assert_eq!(KNOWN.iter().copied().collect::<BTreeSet<_>>(), documented);
    }
}
