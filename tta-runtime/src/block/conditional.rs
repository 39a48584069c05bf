//! A block that runs work if a condition on its input holds.
//!
//! A program builds a [`Conditional`]; the other items are the types of its branches.

use opentelemetry::KeyValue;

use super::block_call::{BlockCall, BlockCallNames};
use super::error::BlockError;
use super::name::BlockName;
use super::span_name::SpanName;
use super::work::Block;
use crate::context::frame::Connection;
use crate::span::SpanDetail;

/// Runs work if a condition on the input holds, and otherwise other work, or none: the input then passes through
/// unchanged.
///
/// ```
/// use tta_runtime::block::{Block, Conditional};
///
/// async fn shorten(text: String) -> Result<String, String> {
///     Ok(text.chars().take(8).collect())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let fit = Conditional::new("fit", |text: &String| text.len() > 8).then(shorten);
/// assert_eq!(fit.run("a long text".to_owned()).await.unwrap(), "a long t");
/// assert_eq!(fit.run("short".to_owned()).await.unwrap(), "short");
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "blocks do nothing unless they are run"]
pub struct Conditional<P, T, O> {
    name: &'static str,
    condition: P,
    then: T,
    otherwise: O,
}

/// The state of a [`Conditional`] before [`then`](Conditional::then).
#[derive(Clone, Copy, Debug)]
pub struct NoWork;

/// The input passes through if the condition does not hold; the default of a [`Conditional`].
#[derive(Clone, Copy, Debug)]
pub struct PassThrough;

/// The work for inputs for which the condition does not hold; set by [`otherwise`](Conditional::otherwise).
#[derive(Clone, Copy, Debug)]
pub struct Otherwise<W>(W);

impl<P> Conditional<P, NoWork, PassThrough> {
    /// Makes a block that evaluates `condition` on each input.
    pub fn new<I>(name: &'static str, condition: P) -> Self
    where
        P: Fn(&I) -> bool + Send + Sync,
    {
        Self { name, condition, then: NoWork, otherwise: PassThrough }
    }

    /// Sets the work for inputs for which the condition holds.
    pub fn then<W>(self, work: W) -> Conditional<P, W, PassThrough> {
        let Self { name, condition, otherwise, .. } = self;
        Conditional { name, condition, then: work, otherwise }
    }
}

impl<P, T> Conditional<P, T, PassThrough> {
    /// Sets the work for inputs for which the condition does not hold.
    pub fn otherwise<W>(self, work: W) -> Conditional<P, T, Otherwise<W>> {
        let Self { name, condition, then, .. } = self;
        Conditional { name, condition, then, otherwise: Otherwise(work) }
    }
}

impl<I, P, T> Block<I> for Conditional<P, T, PassThrough>
where
    I: Send,
    P: Fn(&I) -> bool + Send + Sync,
    T: Block<I, Output = I>,
{
    type Output = I;
    type Error = T::Error;

    fn name(&self) -> &'static str {
        self.name
    }

    async fn run(&self, input: I) -> Result<I, BlockError<T::Error>> {
        let call = start_branch(self.name, "conditional", SpanName::Fixed("primitive.conditional.branch"));
        if (self.condition)(&input) {
            run_branch(call, "then", self.then.run(input)).await
        } else {
            run_branch(call, "none", std::future::ready(Ok(input))).await
        }
    }
}

impl<I, P, T, W> Block<I> for Conditional<P, T, Otherwise<W>>
where
    I: Send,
    P: Fn(&I) -> bool + Send + Sync,
    T: Block<I>,
    W: Block<I, Output = T::Output, Error = T::Error>,
{
    type Output = T::Output;
    type Error = T::Error;

    fn name(&self) -> &'static str {
        self.name
    }

    async fn run(&self, input: I) -> Result<T::Output, BlockError<T::Error>> {
        let call = start_branch(self.name, "conditional", SpanName::Fixed("primitive.conditional.branch"));
        if (self.condition)(&input) {
            run_branch(call, "then", self.then.run(input)).await
        } else {
            run_branch(call, "otherwise", self.otherwise.0.run(input)).await
        }
    }
}

/// Starts the branch of a [`Conditional`] or [`Switch`](super::Switch).
pub(super) fn start_branch(block: &'static str, primitive_type: &'static str, span: SpanName) -> BlockCall {
    let names = BlockCallNames {
        block: BlockName::Own(block),
        primitive_type,
        span,
        connection: Some(Connection::Route),
        detail: SpanDetail::Full,
    };
    BlockCall::start(names, Vec::new)
}

/// Runs the work of a branch; `key` is the span attribute `route.key`.
pub(super) async fn run_branch<O, E>(
    mut call: BlockCall,
    key: &'static str,
    work: impl Future<Output = Result<O, BlockError<E>>>,
) -> Result<O, BlockError<E>> {
    call.set(KeyValue::new("route.key", key));
    let (result, call) = call.instrument(work).await;
    call.end(&result);
    result
}
