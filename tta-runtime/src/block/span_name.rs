//! What the span of a part is called: put together only where there is a span.

use std::borrow::Cow;

/// The name of a span.
#[derive(Clone, Copy, Debug)]
pub(super) enum SpanName {
    Of(&'static str),
    /// Of one of several: the text, and the number that comes after it.
    Numbered(&'static str, usize),
}

impl SpanName {
    pub(super) fn text(self) -> Cow<'static, str> {
        match self {
            Self::Of(name) => name.into(),
            Self::Numbered(name, number) => format!("{name}{number}").into(),
        }
    }
}
