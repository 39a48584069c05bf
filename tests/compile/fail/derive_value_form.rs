//! Label values that are a number or empty.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
enum Audience {
    #[label(5)]
    Public,
    #[label("")]
    Internal,
    #[label = "partner"]
    Partner,
}

fn main() {}
