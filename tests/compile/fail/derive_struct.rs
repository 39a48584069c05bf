//! A struct is no closed set.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
struct Audience;

fn main() {}
