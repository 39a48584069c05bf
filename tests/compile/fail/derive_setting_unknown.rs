//! An unknown setting.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
#[label(rename = "kebab-case")]
enum Audience {
    Public,
}

fn main() {}
