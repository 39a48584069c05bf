//! The closures `ok_if` and `error_type` of the attribute, applied to an output.

use crate::label::LabelValue;
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

/// Runs code that the function's author wrote, such as a closure or a `Display`; returns `None` if it panics, and the
/// call ends as if that code were absent.
pub(super) fn catch_panic<R>(authored: impl FnOnce() -> R) -> Option<R> {
    caught(authored)
}
