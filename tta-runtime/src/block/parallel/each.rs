//! A block that runs the same work for many inputs at the same time.

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::branch::BranchGroup;
use crate::block::error::BlockError;
use crate::block::work::Block;

/// Runs the same work for many inputs at the same time; returned by [`Parallel::each`](super::Parallel::each).
///
/// All branches run on the current task, so they may borrow from it. Outputs come in the order of the inputs.
///
/// ```
/// use tta_runtime::block::Parallel;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let lengths = Parallel::each("lengths", async |text: &str| Ok::<_, String>(text.len())).limit(2);
/// assert_eq!(lengths.run(["one", "three", ""]).await, Ok(vec![3, 5, 0]));
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "blocks do nothing unless they are run"]
pub struct Each<W> {
    name: &'static str,
    work: W,
    limit: usize,
}

impl<W> Each<W> {
    pub(super) fn new(name: &'static str, work: W) -> Self {
        Self { name, work, limit: usize::MAX }
    }

    /// Runs at most this many branches at a time; 0 counts as 1. There is no limit by default.
    pub fn limit(self, branches: usize) -> Self {
        Self { limit: branches.max(1), ..self }
    }

    /// Runs the work for all inputs until the first error, which cancels the other branches.
    ///
    /// # Errors
    ///
    /// Returns the first error of a branch, or [`BlockError::Panicked`] if a branch panicked.
    pub async fn run<I>(&self, inputs: impl IntoIterator<Item = I>) -> Result<Vec<W::Output>, BlockError<W::Error>>
    where
        W: Block<I>,
    {
        let call = BranchGroup::start(self.name);
        let all = async {
            let mut outputs = Vec::new();
            let driven: Result<(), BlockError<W::Error>> = self
                .drive(inputs, |index, result| {
                    outputs.push((index, result?));
                    Ok(())
                })
                .await;
            driven?;
            outputs.sort_by_key(|(index, _)| *index);
            Ok(outputs.into_iter().map(|(_, output)| output).collect())
        };
        let (result, call) = call.instrument(all).await;
        call.end(&result);
        result
    }

    /// Runs the work for all inputs to their end, even if some fail.
    pub async fn run_all<I>(&self, inputs: impl IntoIterator<Item = I>) -> Vec<Result<W::Output, BlockError<W::Error>>>
    where
        W: Block<I>,
    {
        let call = BranchGroup::start(self.name);
        let all = async {
            let mut results = Vec::new();
            let driven: Result<(), std::convert::Infallible> = self
                .drive(inputs, |index, result| {
                    results.push((index, result));
                    Ok(())
                })
                .await;
            let Ok(()) = driven;
            results.sort_by_key(|(index, _)| *index);
            results.into_iter().map(|(_, result)| result).collect()
        };
        let (results, call) = call.instrument(all).await;
        call.succeed();
        results
    }

    /// Starts branches up to the limit, and passes each result to `take` when it is ready.
    async fn drive<I, T>(
        &self,
        inputs: impl IntoIterator<Item = I>,
        mut take: impl FnMut(usize, Result<W::Output, BlockError<W::Error>>) -> Result<(), T>,
    ) -> Result<(), T>
    where
        W: Block<I>,
    {
        let inputs: Vec<I> = inputs.into_iter().collect();
        let total = inputs.len();
        let mut waiting = inputs.into_iter().enumerate();
        let mut running: FuturesUnordered<_> =
            waiting.by_ref().take(self.limit).map(|(index, input)| self.branch(index, total, input)).collect();
        while let Some((index, result)) = running.next().await {
            take(index, result)?;
            running.extend(waiting.next().map(|(index, input)| self.branch(index, total, input)));
        }
        Ok(())
    }

    async fn branch<I>(&self, index: usize, total: usize, input: I) -> (usize, Result<W::Output, BlockError<W::Error>>)
    where
        W: Block<I>,
    {
        let group = BranchGroup { block: self.name, total, permits: None };
        (index, group.run(index, &self.work, input).await)
    }
}

impl<I: Send, W: Block<I>> Block<Vec<I>> for Each<W> {
    type Output = Vec<W::Output>;
    type Error = W::Error;

    fn name(&self) -> &'static str {
        self.name
    }

    async fn run(&self, inputs: Vec<I>) -> Result<Vec<W::Output>, BlockError<W::Error>> {
        Self::run(self, inputs).await
    }
}
