//! Programs of annotated functions, described as data, so that a generator can make any number of them.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::task::JoinHandle;
use tta_runtime::block::{Block, BlockError, Cache, Parallel, Router};
use tta_runtime::{WorkflowContext, primitive};

use super::truth::Truth;

/// The steps of a body, and its end.
#[derive(Clone, Debug)]
pub struct Body {
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// How it ends, unless a step ends it.
    pub end: End,
}

/// One step of a body.
#[derive(Clone, Debug)]
pub enum Step {
    /// Is pending for one poll.
    Yield,
    /// Calls an annotated function and waits for it.
    Call(Callee, Body),
    /// Calls an annotated function, and returns its error.
    Try(Callee, Body),
    /// Calls an annotated function that is not async.
    Check(End),
    /// Makes a future and drops it without a poll.
    NeverPoll(Callee, Body),
    /// Holds a value whose drop calls an annotated function.
    CallInDrop(End),
    /// Waits for two calls.
    Join(Body, Body),
    /// Waits for the first of two calls, and drops the other one.
    Select(Body, Body),
    /// A timeout in milliseconds, whose `Elapsed` is returned as an error.
    Timeout(u64, Body),
    /// A spawned task in the context of this one.
    Spawn(Body),
    /// Continues after a panic of the call.
    CatchUnwind(Body),
    /// Runs each body in the same block.
    Parallel(Vec<Body>),
    /// Runs the body behind a cache, twice at the same time.
    Cache(Body),
    /// Takes the first route or, for any other number, the default route.
    Router(u8, Body),
}

/// The end of a body.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// Returns a value.
    Return,
    /// Returns a value that `ok_if` rejects.
    Refuse,
    /// Returns an error.
    Fail,
    /// Unwinds.
    Panic,
}

/// The annotated functions: one of each role and shape.
#[derive(Clone, Copy, Debug)]
pub enum Callee {
    /// An `async fn` that is a workflow.
    Workflow,
    /// An `async fn` that is an agent.
    Agent,
    /// An `async fn` with a label.
    Tool,
    /// A function that returns a future.
    Eager,
}

/// The value that `ok_if` rejects.
pub const REFUSED: u32 = 13;

/// The error of a body.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It failed by itself.
    #[error("failed")]
    Failed,
    /// A timeout of its own ended it.
    #[error("too late")]
    Elapsed(#[source] tokio::time::error::Elapsed),
}

/// State that all bodies share: the counts of calls, and the spawned tasks.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The counts of calls.
    pub truth: Truth,
    /// The tasks that bodies spawned.
    pub tasks: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

#[primitive(type = "workflow", ok_if = |value| *value != REFUSED)]
async fn workflow(world: World, body: Body) -> Result<u32, Fault> {
    world.truth.clone().watch("workflow", run(world, body)).await
}

#[primitive(type = "agent", action = "invoke", ok_if = |value| *value != REFUSED)]
async fn agent(world: World, body: Body) -> Result<u32, Fault> {
    world.truth.clone().watch("agent", run(world, body)).await
}

#[primitive(type = "tool", labels(first = matches!(body.steps.first(), Some(Step::Yield))), ok_if = |value| *value != REFUSED)]
async fn tool(world: World, body: Body) -> Result<u32, Fault> {
    world.truth.clone().watch("tool", run(world, body)).await
}

/// The call begins before the first poll, because this is not an `async fn`.
#[primitive(type = "retrieval", action = "search", ok_if = |value| *value != REFUSED)]
fn eager(world: World, body: Body) -> impl Future<Output = Result<u32, Fault>> + Send {
    world.truth.clone().watch("eager", run(world, body))
}

/// The function that is not async.
///
/// # Errors
///
/// Fails if the end says so.
#[primitive(type = "validator", action = "check", ok_if = |value| *value != REFUSED)]
pub fn check(world: &World, end: End) -> Result<u32, Fault> {
    world.truth.watch_sync("check", || finish(end))
}

/// Returns the future of a call.
pub fn call(callee: Callee, world: World, body: Body) -> BoxFuture<'static, Result<u32, Fault>> {
    match callee {
        Callee::Workflow => workflow(world, body).boxed(),
        Callee::Agent => agent(world, body).boxed(),
        Callee::Tool => tool(world, body).boxed(),
        Callee::Eager => eager(world, body).boxed(),
    }
}

fn finish(end: End) -> Result<u32, Fault> {
    match end {
        End::Return => Ok(1),
        End::Refuse => Ok(REFUSED),
        End::Fail => Err(Fault::Failed),
        // Unwinds as `panic!` does, without printing a hundred thousand messages.
        End::Panic => resume_unwind(Box::new("made up")),
    }
}

fn run(world: World, body: Body) -> BoxFuture<'static, Result<u32, Fault>> {
    async move {
        let mut kept = Vec::new();
        for step in body.steps {
            take(&world, step, &mut kept).await?;
        }
        finish(body.end)
    }
    .boxed()
}

/// Takes one step; returns an error only if the body must return it.
async fn take(world: &World, step: Step, kept: &mut Vec<CallInDrop>) -> Result<(), Fault> {
    let tool = |body| tool(world.clone(), body);
    match step {
        Step::Yield => Yield(false).await,
        Step::Call(callee, body) => drop(call(callee, world.clone(), body).await),
        Step::Try(callee, body) => drop(call(callee, world.clone(), body).await?),
        Step::Check(end) => drop(check(world, end)),
        Step::NeverPoll(callee, body) => drop(call(callee, world.clone(), body)),
        Step::CallInDrop(end) => kept.push(CallInDrop(world.clone(), end)),
        Step::Join(left, right) => drop(tokio::join!(tool(left), tool(right))),
        Step::Select(left, right) => tokio::select! {
            biased;
            _ = tool(left) => {}
            _ = tool(right) => {}
        },
        Step::Timeout(milliseconds, body) => {
            let limit = Duration::from_millis(milliseconds);
            let ended = tokio::time::timeout(limit, tool(body)).await;
            drop(ended.map_err(Fault::Elapsed)?);
        }
        Step::Spawn(body) => {
            let task = WorkflowContext::current().spawn(call(Callee::Agent, world.clone(), body).map(drop));
            world.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(task);
        }
        Step::CatchUnwind(body) => drop(AssertUnwindSafe(tool(body)).catch_unwind().await),
        Step::Parallel(bodies) => drop(Parallel::each("each", tool).limit(2).run(bodies).await),
        Step::Cache(body) => {
            let world = world.clone();
            let work = move |body: Body| call(Callee::Tool, world.clone(), body);
            let cached = work.with(Cache::memory(8).named("kept").key(|_: &Body| ()));
            drop(tokio::join!(cached.run(body.clone()), cached.run(body)));
        }
        Step::Router(route, body) => drop(routed(world, route, body).await),
    }
    Ok(())
}

async fn routed(world: &World, route: u8, body: Body) -> Result<u32, BlockError<Fault>> {
    let to = |callee| {
        let world = world.clone();
        move |body: Body| call(callee, world.clone(), body)
    };
    let router = Router::new("routed", move |_: &Body| if route == 0 { "tool" } else { "nowhere" })
        .route("tool", to(Callee::Tool))
        .route("eager", to(Callee::Eager))
        .default_route("eager");
    router.run(body).await
}

/// A future that wakes its task, and is pending once.
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Calls an annotated function on drop, also during unwinding.
struct CallInDrop(World, End);

impl Drop for CallInDrop {
    fn drop(&mut self) {
        // A panic that leaves a drop during unwinding aborts the process, with or without this library.
        drop(catch_unwind(AssertUnwindSafe(|| check(&self.0, self.1))));
    }
}
