//! The name of a block's span, formatted only when a span is recorded.

use std::borrow::Cow;

/// The name of a span.
#[derive(Clone, Copy, Debug)]
pub(super) enum SpanName {
    Fixed(&'static str),
    /// A prefix, followed by the index of a step, branch or attempt.
    Numbered(&'static str, usize),
}

impl SpanName {
    pub(super) fn text(self) -> Cow<'static, str> {
        match self {
            Self::Fixed(name) => name.into(),
            Self::Numbered(prefix, index) => format!("{prefix}{index}").into(),
        }
    }
}
