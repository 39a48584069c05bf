//! Blocks that run branches at the same time.
//!
//! A program builds a [`Parallel`]; the other items are the types of its branches.

mod branch;
mod branches;
mod each;

use std::marker::PhantomData;
use std::ops::BitOr;

use tokio::sync::Semaphore;

use super::error::BlockError;
use super::work::Block;
pub use branch::BranchGroup;
pub use branches::Branches;
pub use each::Each;

/// Runs branches on copies of one input at the same time.
///
/// There are up to 8 branches. The output is a tuple in the branches' order, and each branch may have its own output
/// type. The first error cancels the other branches, and a panic in a branch becomes [`BlockError::Panicked`]. All
/// branches run on the current task. `parallel | branch` is short for `parallel.branch(branch)`.
///
/// ```
/// use tta_runtime::block::{Block, Parallel};
///
/// async fn length(text: &str) -> Result<usize, String> {
///     Ok(text.len())
/// }
///
/// async fn shout(text: &str) -> Result<String, String> {
///     Ok(text.to_uppercase())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let facts = Parallel::new("facts") | length | shout;
/// assert_eq!(facts.run("four").await, Ok((4, "FOUR".to_owned())));
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "blocks do nothing unless they are run"]
pub struct Parallel<I, B> {
    name: &'static str,
    branches: B,
    limit: Option<usize>,
    input: PhantomData<fn(I)>,
}

impl Parallel<(), ()> {
    /// Makes a block that runs the same work for each of many inputs.
    pub fn each<W>(name: &'static str, work: W) -> Each<W> {
        Each::new(name, work)
    }
}

impl<I: Clone + Send> Parallel<I, ()> {
    /// Makes a block without branches, to which [`branch`](Self::branch) adds them.
    pub fn new(name: &'static str) -> Self {
        Self { name, branches: (), limit: None, input: PhantomData }
    }

    /// Adds the first branch.
    pub fn branch<W: Block<I>>(self, work: W) -> Parallel<I, (W,)> {
        Parallel { name: self.name, branches: (work,), limit: self.limit, input: self.input }
    }
}

impl<I: Clone + Send, W: Block<I>> BitOr<W> for Parallel<I, ()> {
    type Output = Parallel<I, (W,)>;

    fn bitor(self, work: W) -> Self::Output {
        self.branch(work)
    }
}

impl<I, B> Parallel<I, B> {
    /// Runs at most this many branches at a time, in their order; 0 counts as 1. There is no limit by default.
    pub fn limit(self, branches: usize) -> Self {
        Self { limit: Some(branches.max(1)), ..self }
    }

    /// Runs all branches to their end, even if some fail; the output is a tuple of results.
    ///
    /// ```
    /// use tta_runtime::block::{Block, BlockError, Parallel};
    ///
    /// async fn length(text: &str) -> Result<usize, String> {
    ///     Ok(text.len())
    /// }
    ///
    /// async fn parse(text: &str) -> Result<u32, String> {
    ///     text.parse().map_err(|_| "not a number".to_owned())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let facts = (Parallel::new("facts") | length | parse).collect_all();
    /// assert_eq!(facts.run("four").await, Ok((Ok(4), Err(BlockError::Inner("not a number".to_owned())))));
    /// # }
    /// ```
    pub fn collect_all(self) -> CollectAll<I, B> {
        CollectAll(self)
    }

    fn permits(&self) -> Option<Semaphore> {
        self.limit.map(|limit| Semaphore::new(limit.min(Semaphore::MAX_PERMITS)))
    }
}

impl<I: Send, B: Branches<I>> Block<I> for Parallel<I, B> {
    type Output = B::Outputs;
    type Error = B::Error;

    fn name(&self) -> &'static str {
        self.name
    }

    async fn run(&self, input: I) -> Result<B::Outputs, BlockError<B::Error>> {
        let call = BranchGroup::start(self.name);
        let permits = self.permits();
        let group = BranchGroup { block: self.name, total: B::COUNT, permits: permits.as_ref() };
        let (result, call) = call.instrument(self.branches.run(group, input)).await;
        call.end(&result);
        result
    }
}

/// A [`Parallel`] whose branches all run to their end; returned by [`Parallel::collect_all`].
#[derive(Clone, Debug)]
#[must_use = "blocks do nothing unless they are run"]
pub struct CollectAll<I, B>(Parallel<I, B>);

impl<I: Send, B: Branches<I>> Block<I> for CollectAll<I, B> {
    type Output = B::Results;
    type Error = B::Error;

    fn name(&self) -> &'static str {
        self.0.name
    }

    async fn run(&self, input: I) -> Result<B::Results, BlockError<B::Error>> {
        let Parallel { name, branches, .. } = &self.0;
        let call = BranchGroup::start(name);
        let permits = self.0.permits();
        let group = BranchGroup { block: name, total: B::COUNT, permits: permits.as_ref() };
        let (results, call) = call.instrument(branches.run_all(group, input)).await;
        call.succeed();
        Ok(results)
    }
}
