//! The closures about outcomes and errors of the attribute, applied to an output.

use crate::label::LabelValue;
use crate::outcome::Outcome;
use crate::panics::caught;

/// Returns the result of `ok_if` for the `Ok` value, `true` for an `Err`: its type decides.
pub fn ok_of_result<T, E>(out: &Result<T, E>, ok_if: impl FnOnce(&T) -> bool) -> bool {
    out.as_ref().map_or(true, |value| ok_of(value, ok_if))
}

/// Returns the result of `ok_if` for the output, `true` if the closure panics.
pub fn ok_of<T: ?Sized>(out: &T, ok_if: impl FnOnce(&T) -> bool) -> bool {
    catch_panic(|| ok_if(out)).unwrap_or(true)
}

/// Returns the label that `error_type` gives the error, `None` for an `Ok` or if the closure panics.
pub fn error_label<T, E, L: LabelValue>(out: &Result<T, E>, label: impl FnOnce(&E) -> L) -> Option<&'static str> {
    let error = out.as_ref().err()?;
    catch_panic(|| label(error).label_value())
}

/// Returns whether `timeout_if` says that the error is a timeout, `false` for an `Ok` or if the closure panics.
pub fn timeout_of<T, E>(out: &Result<T, E>, timeout_if: impl FnOnce(&E) -> bool) -> bool {
    let Err(error) = out else { return false };
    catch_panic(|| timeout_if(error)).unwrap_or(false)
}

/// The return type of an `outcome` closure.
#[diagnostic::on_unimplemented(
    message = "`outcome` returns a `{Self}`, which is not an outcome",
    label = "returns a `{Self}`",
    note = "return a `tta_runtime::Outcome`, or an `Option` of one, whose `None` leaves the outcome that the output's type says"
)]
pub trait IntoOutcome {
    /// Converts into the outcome, `None` to leave the derived one.
    fn into_outcome(self) -> Option<Outcome>;
}

#[diagnostic::do_not_recommend]
impl<O: Into<Option<Outcome>>> IntoOutcome for O {
    fn into_outcome(self) -> Option<Outcome> {
        self.into()
    }
}

/// Returns the outcome that `outcome` gives the output, `None` if the closure panics.
pub fn outcome_of<T: ?Sized, O: IntoOutcome>(out: &T, outcome: impl FnOnce(&T) -> O) -> Option<Outcome> {
    catch_panic(|| outcome(out).into_outcome()).flatten()
}

/// Runs code that the function's author wrote, such as a closure or a `Display`; returns `None` if it panics, and the
/// call ends as if that code were absent.
pub(super) fn catch_panic<R>(authored: impl FnOnce() -> R) -> Option<R> {
    caught(authored)
}
