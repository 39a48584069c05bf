//! Finds circles of imports.

use std::collections::BTreeSet;

use super::imports::Imports;

/// Returns the circles: sets of files of which each imports each other one, directly or through others.
pub(super) fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    for file in imports.keys().filter(|&file| reachable(file, imports).contains(file)) {
        if found.iter().any(|circle| circle.contains(file)) {
            continue;
        }
        let reached = reachable(file, imports);
        let returns = |other: &&&String| reachable(other, imports).contains(file);
        found.push(reached.iter().filter(returns).map(|&other| other.clone()).collect());
    }
    found
}

/// Returns the files that a file imports, directly or through others.
fn reachable<'a>(file: &str, imports: &'a Imports) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<_> = imports[file].iter().collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(&imports[next]);
        }
    }
    reached
}

#[test]
fn a_circle_has_all_files_that_lead_back_to_themselves() {
    let graph = [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d"), ("d", ""), ("e", "f"), ("f", "g"), ("g", "e")];
    let mut imports = Imports::new();
    for (from, to) in graph {
        let imported = imports.entry(from.to_owned()).or_default();
        imported.extend((!to.is_empty()).then(|| to.to_owned()));
    }
    assert_eq!(circles(&imports), [vec!["b", "c"], vec!["e", "f", "g"]]);
}
