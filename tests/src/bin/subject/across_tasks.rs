//! A workflow that spans tasks, threads, and concurrent futures.

use tokio::sync::Barrier;
use tta_runtime::block::{Block, Cache, Parallel};
use tta_runtime::{WorkflowContext, primitive};

pub(super) fn run() {
    let telemetry = super::start();
    super::block_on(WorkflowContext::new().scope(spread()));
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "workflow")]
async fn spread() {
    let task = WorkflowContext::current().spawn(in_task());
    task.await.expect("the task ends");
    let context = WorkflowContext::current();
    let thread = std::thread::spawn(move || context.run(on_thread));
    thread.join().expect("the thread ends");
    let both = Barrier::new(2);
    tokio::join!(left(&both), right(&both));
    let outputs = Parallel::each("branches", branch).run([1, 2]).await;
    assert_eq!(outputs, Ok(vec![2, 4]));
    let cached = branch.with(Cache::memory(8).named("kept"));
    assert_eq!((cached.run(3).await, cached.run(3).await), (Ok(6), Ok(6)));
}

#[primitive(type = "tool")]
async fn in_task() {
    tokio::task::yield_now().await;
    leaf("task");
}

#[primitive(type = "tool")]
fn on_thread() {
    leaf("thread");
}

/// Rendezvous with [`right`], so that each runs while the other waits.
#[primitive(type = "tool")]
async fn left(both: &Barrier) {
    both.wait().await;
    leaf("left");
    both.wait().await;
}

#[primitive(type = "tool")]
async fn right(both: &Barrier) {
    both.wait().await;
    leaf("right");
    both.wait().await;
}

#[primitive(type = "tool")]
async fn branch(number: u64) -> Result<u64, String> {
    tokio::task::yield_now().await;
    Ok(2 * number)
}

#[primitive(type = "processor", action = "transform", attributes("leaf.of" = of))]
fn leaf(of: &str) {}
