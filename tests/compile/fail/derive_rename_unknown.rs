//! A case that is nearly a known one.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
#[label(rename_all = "snakecase")]
enum Audience {
    Public,
}

fn main() {}
