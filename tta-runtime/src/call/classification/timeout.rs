//! Timeouts among the causes of an error, which `CallEnd` in `end.rs` records as the outcome.

use std::error::Error;

use tokio::time::error::Elapsed;

use super::debug_text::{debug_text, shows_timeout, shows_would_block};

/// The longest chain of causes that is followed: an error may name itself as its source.
const LONGEST_CHAIN: usize = 16;

/// The cause that marks an error of any type as a timeout.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("time ran out")]
pub(crate) struct TimedOut;

/// Returns whether an error is a timeout, or one of its causes.
///
/// Known are tokio's `Elapsed`, [`TimedOut`], an [`io::Error`](std::io::Error) of the kind `TimedOut`, and the errors of other
/// crates by their `Debug` text: they need not be dependencies, and every version of them is known. The type of an error that
/// borrows has no identity either, and `Box<dyn Error + 'a>` is the same type to the compiler's look-up as `Box<dyn Error>`.
pub(super) fn is_timeout(error: &(dyn Error + '_)) -> bool {
    shows_timeout(&debug_text(error)) || causes(error).any(is_timeout_itself)
}

/// Returns whether a cause is a timeout; its own causes are not considered.
fn is_timeout_itself(cause: &(dyn Error + 'static)) -> bool {
    // On Unix, a blocking socket whose timeout fires says that it would block. Nobody else wraps this kind: who uses sockets
    // that do not block handles it.
    is_known(cause) || shows_would_block(&debug_text(cause))
}

/// Returns whether an error is known to be a timeout; its causes are not considered.
pub(crate) fn is_known(error: &(dyn Error + 'static)) -> bool {
    is_marked(error) || shows_timeout(&debug_text(error))
}

/// Returns whether an error is a timeout by its type.
fn is_marked(error: &(dyn Error + 'static)) -> bool {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let is_marked = |error: &(dyn Error + 'static)| error.is::<Elapsed>() || error.is::<TimedOut>();
    // The source of an `io::Error` is that of its inner error, which is no link of the chain itself.
    is_marked(error) || inner.is_some_and(|inner| is_marked(inner) || causes(inner).any(is_timeout_itself))
}

/// Iterates over the causes of an error.
pub(super) fn causes<'a>(error: &'a (dyn Error + '_)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |&error| error.source()).take(LONGEST_CHAIN)
}
