//! Names of labels that are unbounded for most types, with a closed type or a literal.
#![deny(warnings)]

use tta_runtime::{LabelValue, primitive};

#[derive(Clone, Copy, LabelValue)]
enum Output {
    Text,
    Json,
}

#[primitive(type = "tool", labels(output = output, error = failed, user = "none", prompt = true))]
fn called(output: Output, failed: bool) -> bool {
    matches!(output, Output::Text) || failed
}

pub(crate) fn main() {
    assert!(called(Output::Text, false));
    assert!(!called(Output::Json, false));
}
