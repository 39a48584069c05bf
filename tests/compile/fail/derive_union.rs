//! The derive on a union.

use tta_runtime::LabelValue;

#[derive(LabelValue)]
union Audience {
    public: u8,
}

fn main() {}
