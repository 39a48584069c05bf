//! An enum without variants has no values.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
enum Audience {}

fn main() {}
