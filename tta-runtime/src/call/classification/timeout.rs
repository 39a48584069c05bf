//! Timeouts among the causes of an error, which `CallEnd` in `end.rs` records as the outcome.

use std::error::Error;

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

/// Returns whether `E` is tokio's `Elapsed`; by name, since `E` need not be `'static`.
pub(super) fn is_elapsed<E>() -> bool {
    std::any::type_name::<E>() == std::any::type_name::<Elapsed>()
}

/// Iterates over the error and its causes.
pub(super) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source()).take(LONGEST_CHAIN)
}
