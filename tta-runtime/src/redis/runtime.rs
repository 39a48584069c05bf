//! The threads behind all connections to Redis, independent of the callers' executors.

use std::future::{Future, pending};
use std::sync::OnceLock;
use std::time::Instant;

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;
use tokio::time::timeout_at;

/// The tokio runtimes of the threads, and the process that started them: a forked process does not have the threads.
struct RedisRuntime {
    connections: Handle,
    /// Runs timers alone, so that they fire even while the connections' thread is blocked.
    deadlines: Handle,
    process: u32,
}

/// Spawns a task on the connections' thread, and starts the thread first if needed; `None` if it cannot start.
///
/// Callers may run on any executor or on none, may be dropped, and their runtime may end before the connection does.
/// Connections therefore have a thread of their own, which all caches and budgets share.
pub(crate) fn spawn<F>(work: F) -> Option<JoinHandle<F::Output>>
where
    F: Future<Output: Send> + Send + 'static,
{
    runtime().map(|runtime| runtime.connections.spawn(work))
}

/// Waits for a future on any executor until the deadline; `None` if the deadline passes first.
pub(crate) async fn await_until<F: Future>(deadline: Instant, work: F) -> Option<F::Output> {
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

/// Starts a thread that runs a tokio runtime until the process ends.
fn run(name: &str, runtime: &mut Builder) -> Option<Handle> {
    let runtime = runtime.build().ok()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new().name(name.into()).spawn(move || runtime.block_on(pending::<()>())).ok()?;
    Some(handle)
}
