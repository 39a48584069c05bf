//! The thread on which connections to Redis live, whatever the callers run on.

use std::future::{Future, pending};
use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;

/// The runtime of that thread, and the process that started it: a forked one has not got the thread.
struct Started {
    handle: Handle,
    process: u32,
}

/// Starts work on the thread, which is started first where it does not run; `None` where it cannot be.
///
/// Callers may run on any executor or on none, may time out or be dropped, and their runtime may end before the
/// connection does: so connections have a thread of their own, shared by all caches.
pub(super) fn spawn<F>(work: F) -> Option<JoinHandle<F::Output>>
where
    F: Future<Output: Send> + Send + 'static,
{
    static STARTED: OnceLock<Option<Started>> = OnceLock::new();
    let started = STARTED.get_or_init(start).as_ref()?;
    (started.process == std::process::id()).then(|| started.handle.spawn(work))
}

fn start() -> Option<Started> {
    let runtime = Builder::new_current_thread().enable_io().enable_time().build().ok()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new().name("tta-redis".into()).spawn(move || runtime.block_on(pending::<()>())).ok()?;
    Some(Started { handle, process: std::process::id() })
}
