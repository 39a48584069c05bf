//! The same value for two variants.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
enum Audience {
    Public,
    #[label("public")]
    Open,
}

fn main() {}
