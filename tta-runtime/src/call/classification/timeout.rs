//! Timeouts among the causes of an error, which `CallEnd` in `end.rs` records as the outcome.

use std::error::Error;
use std::fmt::Write;

use tokio::time::error::Elapsed;

/// The longest chain of causes that is followed: an error may name itself as its source.
const LONGEST_CHAIN: usize = 16;

/// The cause that marks an error of any type as a timeout.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("time ran out")]
pub(crate) struct TimedOut;

/// Returns whether an error is a timeout: tokio's `Elapsed`, [`TimedOut`], an [`io::Error`](std::io::Error) of the kind
/// `TimedOut`, or one that wraps either of the first two.
pub(crate) fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    let is_marked = |error: &(dyn Error + 'static)| error.is::<Elapsed>() || error.is::<TimedOut>();
    match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.kind() == std::io::ErrorKind::TimedOut || io.get_ref().is_some_and(|inner| is_marked(inner)),
        None => is_marked(error),
    }
}

/// Returns whether an error of type `E` is a timeout, as [`is_timeout`] does; its causes are not considered.
///
/// By name, since `E` may borrow: a choice by type must not depend on lifetimes, and only `'static` types have an identity.
pub(super) fn is_timeout_by_type<E: Error>(error: &E) -> bool {
    is_elapsed::<E>() || (is_named::<E, std::io::Error>() && shows_timeout(error))
}

/// Returns whether `E` is tokio's `Elapsed`.
pub(super) fn is_elapsed<E>() -> bool {
    is_named::<E, Elapsed>()
}

fn is_named<A, B>() -> bool {
    std::any::type_name::<A>() == std::any::type_name::<B>()
}

/// Returns whether an error whose type is erased is a timeout, as [`is_timeout`] does; its causes are not considered.
///
/// An error that may borrow cannot be downcast, and `Box<dyn Error + 'a>` is the same type to the compiler's look-up as
/// `Box<dyn Error>`. The size and the start of the `Debug` text are those of the types that are looked for.
pub(super) fn shows_timeout(error: &(dyn Error + '_)) -> bool {
    let size = size_of_val(error);
    if size == size_of::<Elapsed>() {
        return MARKS.contains(&start_of_debug(error).as_str());
    }
    if size != size_of::<std::io::Error>() {
        return false;
    }
    let text = start_of_debug(error);
    let Some((form, fields)) = text.split_once([' ', '(']) else { return false };
    match form {
        "Kind" => fields == "TimedOut)",
        "Os" | "Error" => fields.contains("kind: TimedOut, "),
        "Custom" => {
            let inner = fields.split_once(", error: ").and_then(|(_, inner)| inner.strip_suffix(" }"));
            fields.starts_with("{ kind: TimedOut, ") || inner.is_some_and(|inner| MARKS.contains(&inner))
        }
        _ => false,
    }
}

/// The `Debug` texts of [`Elapsed`] and [`TimedOut`].
const MARKS: [&str; 2] = ["Elapsed(())", "TimedOut"];

/// Returns at least the first bytes of the error's `Debug` text, which is not formatted further.
fn start_of_debug(error: &(dyn Error + '_)) -> String {
    const ENOUGH: usize = 64;
    struct Start(String);
    impl Write for Start {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.push_str(text);
            if self.0.len() < ENOUGH { Ok(()) } else { Err(std::fmt::Error) }
        }
    }
    let mut start = Start(String::new());
    let _ = write!(start, "{error:?}");
    start.0
}

/// Iterates over the causes of an error.
pub(super) fn causes<'a>(error: &'a (dyn Error + '_)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |&error| error.source()).take(LONGEST_CHAIN)
}
