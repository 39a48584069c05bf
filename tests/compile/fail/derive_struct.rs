//! The derive on a struct.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
struct Audience;

fn main() {}
