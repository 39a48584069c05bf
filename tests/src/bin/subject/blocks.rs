//! Each building block once, with a success, a failure and a panic of the work in it.

use tta_runtime::block::{Block, BlockError, Cache, Parallel, Router};
use tta_runtime::{WorkflowContext, primitive};

pub(super) fn run() {
    let telemetry = super::start();
    // Keep panic messages out of this program's standard error.
    std::panic::set_hook(Box::new(|_| {}));
    super::block_on(WorkflowContext::new().with_session_id("session-1").scope(build()));
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "workflow")]
async fn build() {
    let branches = Parallel::each("branches", branch).limit(1).run_all([1, 2, 3]).await;
    assert_eq!(
        branches,
        [
            Ok(1),
            Err(BlockError::Inner("even".to_owned())),
            Err(BlockError::Panicked { branch: 2, message: "three".to_owned() }),
        ]
    );
    let router = Router::new("routes", |number: &u32| if *number == 1 { "one" } else { "none" })
        .route("one", branch)
        .default_route("one");
    assert_eq!((router.run(1).await, router.run(5).await), (Ok(1), Ok(5)));
    let cached = branch.with(Cache::memory(8).named("kept"));
    assert_eq!((cached.run(2).await, cached.run(7).await), (Err(BlockError::Inner("even".to_owned())), Ok(7)));
    assert_eq!(cached.run(7).await, Ok(7));
}

#[primitive(type = "tool")]
async fn branch(number: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    match number {
        2 => Err("even".to_owned()),
        3 => panic!("three"),
        odd => Ok(odd),
    }
}
