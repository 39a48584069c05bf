//! The derive with each of its settings.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::LabelValue;

#[derive(LabelValue)]
enum Plain {
    Public,
    InternalOnly,
    #[label("3rd-party")]
    ThirdParty,
    HTTPOnly,
}

#[derive(LabelValue)]
#[label(rename_all = "kebab-case")]
enum Kebab {
    InternalOnly = 5,
}

#[derive(LabelValue)]
#[label(rename_all = "SCREAMING_SNAKE_CASE", crate = ::tta_runtime)]
#[repr(u8)]
enum Screaming {
    InternalOnly,
}

#[derive(LabelValue)]
#[non_exhaustive]
enum Marked<const N: usize> {
    r#Loop,
}

pub(crate) fn main() {
    assert_eq!(Plain::values(), ["public", "internal_only", "3rd-party", "http_only"]);
    assert_eq!(Plain::CARDINALITY, 4);
    for (value, text) in
        [Plain::Public, Plain::InternalOnly, Plain::ThirdParty, Plain::HTTPOnly].iter().zip(Plain::values())
    {
        assert_eq!(value.label_value(), text);
    }
    assert_eq!(Kebab::InternalOnly.label_value(), "internal-only");
    assert_eq!(Screaming::InternalOnly.label_value(), "INTERNAL_ONLY");
    assert_eq!(Marked::<5>::Loop.label_value(), "loop");
    assert_eq!((Kebab::InternalOnly, true).label_value(), "internal-only/true");
}
