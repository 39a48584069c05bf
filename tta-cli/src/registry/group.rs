//! A group of a registry, as text.

use std::fmt::Write as _;

use crate::file::yaml::{entry, scalar};

/// Appends the head of a group.
pub(super) fn head(file: &mut String, id: &str, kind: &str, brief: &str) {
    let _ = writeln!(file, "  - id: {id}\n    type: {kind}\n    stability: development");
    entry(file, 4, "brief", brief);
}

/// Appends references to attributes, with their requirement level in a group.
pub(super) fn references<'a>(file: &mut String, references: impl IntoIterator<Item = (&'a str, &'a str)>) {
    let mut references = references.into_iter().peekable();
    file.push_str(if references.peek().is_some() { "    attributes:\n" } else { "    attributes: []\n" });
    for (key, level) in references {
        let _ = writeln!(file, "      - ref: {key}");
        level_of(file, level);
    }
}

/// Appends the requirement level, unless it is `recommended`, which is weaver's default.
fn level_of(file: &mut String, level: &str) {
    match level {
        "recommended" | "not in them" | "older name" => {}
        "required" => file.push_str("        requirement_level: required\n"),
        "opt-in" => file.push_str("        requirement_level: opt_in\n"),
        condition => {
            let _ =
                writeln!(file, "        requirement_level:\n          conditionally_required: {}", scalar(condition));
        }
    }
}
