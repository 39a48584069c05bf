//! An enum without variants.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
enum Audience {}

fn main() {}
