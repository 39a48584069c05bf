//! A union is no closed set.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
union Audience {
    public: u8,
}

fn main() {}
