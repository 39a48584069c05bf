//! A setting that does not exist.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
#[label(rename = "kebab-case")]
enum Audience {
    Public,
}

fn main() {}
