//! Variants with fields.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
enum Audience {
    Public(u8),
    Internal { level: u8 },
    Partner,
}

fn main() {}
