//! A misspelt letter case.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
#[label(rename_all = "snakecase")]
enum Audience {
    Public,
}

fn main() {}
