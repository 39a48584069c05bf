//! Timeouts among the causes of an error, which `CallEnd` in `end.rs` records as the outcome.

use std::error::Error;
use std::sync::Arc;

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
    is_known(cause) || is_blocking_redis(cause)
}

/// Returns whether a cause is the timeout of a blocking connection of `redis`.
///
/// On Unix, a blocking socket whose timeout fires says that it would block. So do a lock that is held and a process that cannot be
/// started, which are no timeouts: the kind is one only in the type in which `redis` names its causes.
fn is_blocking_redis(cause: &(dyn Error + 'static)) -> bool {
    cause.is::<Arc<dyn Error + Send + Sync>>() && shows_would_block(&debug_text(cause))
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

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::io::{self, ErrorKind};
    use std::sync::Arc;

    use super::is_timeout;

    #[derive(Debug, thiserror::Error)]
    enum Failure {
        #[error("the process did not start")]
        Start(#[source] io::Error),
        #[error("the process did not start")]
        Boxed(#[source] Box<dyn Error + Send + Sync>),
        #[error("the database failed")]
        Redis(#[source] Arc<dyn Error + Send + Sync>),
    }

    #[test]
    fn an_operation_that_would_block_is_a_timeout_at_a_blocking_connection_of_redis_alone() {
        let os = || io::Error::from_raw_os_error(11);
        assert_eq!(os().kind(), ErrorKind::WouldBlock);
        let failures: [Box<dyn Error>; 5] = [
            Box::new(os()),
            Box::new(Failure::Start(os())),
            Box::new(Failure::Start(ErrorKind::WouldBlock.into())),
            Box::new(Failure::Boxed(os().into())),
            Box::new(io::Error::other(Failure::Start(os()))),
        ];
        for failure in failures {
            assert!(!is_timeout(&*failure), "{failure:?}");
        }
        assert!(is_timeout(&Failure::Redis(Arc::new(os()))));
        assert!(!is_timeout(&Failure::Redis(Arc::new(io::Error::from(ErrorKind::NotFound)))));
        assert!(is_timeout(&Failure::Start(ErrorKind::TimedOut.into())));
    }
}
