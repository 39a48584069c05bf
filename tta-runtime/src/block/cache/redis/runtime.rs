//! The threads behind all connections to Redis, whatever the callers run on.

use std::future::{Future, pending};
use std::sync::OnceLock;
use std::time::Instant;

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;
use tokio::time::timeout_at;

/// The runtimes of those threads, and the process that started them: a forked one has not got the threads.
struct RedisRuntime {
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
    runtime().map(|runtime| runtime.connections.spawn(work))
}

/// Waits for work on any executor, but no longer than until the deadline; `None` where it is over.
pub(super) async fn await_until<F: Future>(deadline: Instant, work: F) -> Option<F::Output> {
    let runtime = runtime()?;
    let limited = {
        let _entered = runtime.deadlines.enter();
        timeout_at(deadline.into(), work)
    };
    limited.await.ok()
}

fn runtime() -> Option<&'static RedisRuntime> {
    static RUNTIME: OnceLock<Option<RedisRuntime>> = OnceLock::new();
    RUNTIME.get_or_init(start).as_ref().filter(|runtime| runtime.process == std::process::id())
}

fn start() -> Option<RedisRuntime> {
    let connections = run("tta-redis", Builder::new_current_thread().enable_io().enable_time())?;
    let deadlines = run("tta-redis-time", Builder::new_current_thread().enable_time())?;
    Some(RedisRuntime { connections, deadlines, process: std::process::id() })
}

/// Starts a thread that runs a runtime for as long as the process lasts.
fn run(name: &str, runtime: &mut Builder) -> Option<Handle> {
    let runtime = runtime.build().ok()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new().name(name.into()).spawn(move || runtime.block_on(pending::<()>())).ok()?;
    Some(handle)
}
