//! The usage that an output carries, by its type or by the closure `usage` of the attribute.

use super::closures::catch_panic;
use crate::model::{HasUsage, Usage};

/// Returns the usage that the output carries.
pub fn usage_of<T: HasUsage + ?Sized>(out: &T) -> Option<Usage> {
    catch_panic(|| out.usage()).flatten()
}

/// The return type of a `usage` closure.
#[diagnostic::on_unimplemented(
    message = "`usage` returns a `{Self}`, which is not a token usage",
    label = "returns a `{Self}`",
    note = "return a `tta_runtime::llm::Usage` or an `Option` of one, such as `usage = |output| Usage::new(output.input, output.output)`"
)]
pub trait IntoUsage {
    /// Converts into the usage, `None` if there is none.
    fn into_usage(self) -> Option<Usage>;
}

#[diagnostic::do_not_recommend]
impl<U: Into<Option<Usage>>> IntoUsage for U {
    fn into_usage(self) -> Option<Usage> {
        self.into()
    }
}

/// Returns the usage that a closure reads from the output.
pub fn usage_of_with<T: ?Sized, U: IntoUsage>(out: &T, usage: impl FnOnce(&T) -> U) -> Option<Usage> {
    catch_panic(|| usage(out).into_usage()).flatten()
}

/// Returns the usage that a closure reads from the `Ok` value.
pub fn usage_of_result_with<T, E, U: IntoUsage>(out: &Result<T, E>, usage: impl FnOnce(&T) -> U) -> Option<Usage> {
    usage_of_with(out.as_ref().ok()?, usage)
}
