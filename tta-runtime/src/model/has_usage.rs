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
    note = "write `usage = |output| …` in `#[primitive(…)]`, or `usage = tta_runtime::llm::in_body(\"openai\")` if it serialises as the provider's response, or `usage = manual` or `usage = none`",
    note = "implement `tta_runtime::llm::HasUsage` if the type is your own"
)]
pub trait HasUsage {
    /// Returns the tokens used, `None` if the response did not report them.
    fn usage(&self) -> Option<Usage>;

    /// Returns whether this item of a stream is content, with which the time to the first token ends.
    ///
    /// Every item is by default. An item that only starts or ends the answer, keeps the connection open or reports usage is not.
    fn is_content(&self) -> bool {
        true
    }
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

    fn is_content(&self) -> bool {
        self.as_ref().is_ok_and(T::is_content)
    }
}

impl<T: HasUsage> HasUsage for Option<T> {
    fn usage(&self) -> Option<Usage> {
        self.as_ref()?.usage()
    }

    fn is_content(&self) -> bool {
        self.as_ref().is_some_and(T::is_content)
    }
}

impl<T: HasUsage + ?Sized> HasUsage for Box<T> {
    fn usage(&self) -> Option<Usage> {
        (**self).usage()
    }

    fn is_content(&self) -> bool {
        (**self).is_content()
    }
}

impl<T: HasUsage + ?Sized> HasUsage for &T {
    fn usage(&self) -> Option<Usage> {
        (**self).usage()
    }

    fn is_content(&self) -> bool {
        (**self).is_content()
    }
}
