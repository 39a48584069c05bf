//! The threads behind all connections to Redis, whatever the callers run on.

use std::future::{Future, pending};
use std::sync::OnceLock;
use std::time::Instant;

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;
use tokio::time::timeout_at;

/// The runtimes of those threads, and the process that started them: a forked one has not got the threads.
struct Started {
    connections: Handle,
    /// Nothing runs there but timers, so that they go off even while the thread of the connections is busy.
    deadlines: Handle,
    process: u32,
}

/// Starts work on the thread of the connections, which is started first where it does not run; `None` where it cannot be.
///
/// Callers may run on any executor or on none, may time out or be dropped, and their runtime may end before the
/// connection does: so connections have a thread of their own, shared by all caches.
pub(super) fn spawn<F>(work: F) -> Option<JoinHandle<F::Output>>
where
    F: Future<Output: Send> + Send + 'static,
{
    started().map(|started| started.connections.spawn(work))
}

/// Waits for work on any executor, but no longer than until the deadline; `None` where it is over.
pub(super) async fn within<F: Future>(deadline: Instant, work: F) -> Option<F::Output> {
    let started = started()?;
    let limited = {
        let _entered = started.deadlines.enter();
        timeout_at(deadline.into(), work)
    };
    limited.await.ok()
}

fn started() -> Option<&'static Started> {
    static STARTED: OnceLock<Option<Started>> = OnceLock::new();
    STARTED.get_or_init(start).as_ref().filter(|started| started.process == std::process::id())
}

fn start() -> Option<Started> {
    let connections = run("tta-redis", Builder::new_current_thread().enable_io().enable_time())?;
    let deadlines = run("tta-redis-time", Builder::new_current_thread().enable_time())?;
    Some(Started { connections, deadlines, process: std::process::id() })
}

/// Starts a thread that runs a runtime for as long as the process lasts.
fn run(name: &str, runtime: &mut Builder) -> Option<Handle> {
    let runtime = runtime.build().ok()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new().name(name.into()).spawn(move || runtime.block_on(pending::<()>())).ok()?;
    Some(handle)
}
