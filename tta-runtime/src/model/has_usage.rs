//! The trait of outputs that carry their usage.

use super::usage::Usage;

/// An output that carries the usage of its model call, or an item of a stream that carries the usage so far.
///
/// Several items of a stream may carry a usage. Each count in them is a total so far, and the largest one applies: chunks that
/// repeat a growing usage are not counted twice, and an input that only the first event reports is not lost. If the chunks of a
/// provider carry increments, sum them up first.
///
/// ```
/// use tta_runtime::llm::{HasUsage, Usage};
///
/// struct Completion {
///     text: String,
///     usage: Usage,
/// }
///
/// impl HasUsage for Completion {
///     fn usage(&self) -> Option<Usage> {
///         Some(self.usage.clone())
///     }
/// }
///
/// let completion = Completion { text: "Bergen".into(), usage: Usage::new(12, 3) };
/// assert_eq!(Ok::<_, ()>(completion).usage().map(|usage| usage.total_tokens()), Some(15));
/// ```
#[diagnostic::on_unimplemented(
    message = "the token usage of `{Self}` is not known",
    label = "does not implement `HasUsage`",
    note = "implement `tta_runtime::llm::HasUsage` for it, or write `usage = |out| …`, `usage = manual` or `usage = none` in `#[primitive(…)]`"
)]
pub trait HasUsage {
    /// Returns the tokens used, `None` if the response did not report them.
    fn usage(&self) -> Option<Usage>;
}

impl HasUsage for Usage {
    fn usage(&self) -> Option<Usage> {
        Some(self.clone())
    }
}

impl<T: HasUsage, E> HasUsage for Result<T, E> {
    fn usage(&self) -> Option<Usage> {
        self.as_ref().ok()?.usage()
    }
}

impl<T: HasUsage> HasUsage for Option<T> {
    fn usage(&self) -> Option<Usage> {
        self.as_ref()?.usage()
    }
}

impl<T: HasUsage + ?Sized> HasUsage for Box<T> {
    fn usage(&self) -> Option<Usage> {
        (**self).usage()
    }
}

impl<T: HasUsage + ?Sized> HasUsage for &T {
    fn usage(&self) -> Option<Usage> {
        (**self).usage()
    }
}
