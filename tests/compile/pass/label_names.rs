//! Names of labels that are unbounded for most types, with a closed type or a literal.
#![deny(warnings)]

use tta_runtime::{LabelValue, primitive};

#[derive(Clone, Copy, LabelValue)]
enum Output {
    Text,
    Json,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
#[primitive(type = "tool", labels(output = output, input = second, error = failed, user = "none", prompt = true))]
fn called(output: Output, second: &Output, failed: bool) -> bool {
    matches!(output, Output::Text) || matches!(second, Output::Text) || failed
}

pub(crate) fn main() {
    assert!(called(Output::Text, &Output::Json, false));
    assert!(!called(Output::Json, &Output::Json, false));
}
