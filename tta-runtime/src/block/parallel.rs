//! The same work for many inputs at once.

use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;

use futures_util::future::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use opentelemetry::KeyValue;

use super::error::BlockError;
use super::name::BlockName;
use super::part::{Name, Part, inside};
use super::work::Block;
use crate::frame::Connection;

/// Runs work for each of many inputs, all at once or at most so many.
///
/// The branches run on the current task, so they may borrow from it. Outputs come in the order of the inputs.
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
#[derive(Debug)]
pub struct Parallel<W> {
    name: &'static str,
    work: W,
    limit: usize,
}

impl<W> Parallel<W> {
    /// Makes a block that runs `work` for each input.
    pub fn each(name: &'static str, work: W) -> Self {
        Self { name, work, limit: usize::MAX }
    }

    /// Runs at most this many branches at once; 0 counts as 1.
    #[must_use]
    pub fn limit(self, branches: usize) -> Self {
        Self { limit: NonZeroUsize::new(branches).map_or(1, NonZeroUsize::get), ..self }
    }

    /// Runs all branches, until the first error: it cancels the others and is returned.
    ///
    /// # Errors
    ///
    /// The first error of a branch, or that a branch panicked.
    pub async fn run<I>(&self, inputs: impl IntoIterator<Item = I>) -> Result<Vec<W::Output>, BlockError<W::Error>>
    where
        W: Block<I>,
    {
        let part = self.start();
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
        let (result, part) = inside(part, all).await;
        part.end(&result);
        result
    }

    /// Runs all branches to their end, whatever becomes of the others.
    pub async fn run_all<I>(&self, inputs: impl IntoIterator<Item = I>) -> Vec<Result<W::Output, BlockError<W::Error>>>
    where
        W: Block<I>,
    {
        let part = self.start();
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
        let (results, part) = inside(part, all).await;
        part.succeed();
        results
    }

    fn start(&self) -> Part {
        let name = Name {
            block: BlockName::Own(self.name),
            primitive_type: "parallel",
            span: "primitive.parallel.execute".into(),
            connection: Some(Connection::Parallel),
        };
        Part::start(name, Vec::new)
    }

    /// Starts branches while there is room, and gives each result to `take` as it comes.
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
        let name = Name {
            block: BlockName::Own(self.name),
            primitive_type: "parallel",
            span: format!("primitive.parallel.branch_{index}").into(),
            connection: Some(Connection::Parallel),
        };
        let part = Part::start(name, || {
            vec![KeyValue::new("branch.index", index as i64), KeyValue::new("branch.total_branches", total as i64)]
        });
        let work = inside(part, self.work.run(input));
        let result = match AssertUnwindSafe(work).catch_unwind().await {
            Ok((result, part)) => {
                part.end(&result);
                result
            }
            Err(payload) => Err(BlockError::Panicked { branch: index, message: panic_text(&*payload) }),
        };
        (index, result)
    }
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
