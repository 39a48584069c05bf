//! A value that is given twice.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
enum Audience {
    Public,
    #[label("public")]
    Open,
}

fn main() {}
