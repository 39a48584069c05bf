//! The traits of blocks: [`Block`], the work itself, and [`Layer`], the behaviour around it.

use std::future::Future;
use std::sync::Arc;

use super::adapter::{Borrowed, MapErr, Named};
use super::boxed::BoxBlock;
use super::error::BlockError;
use super::name;

/// Work from an input to an output: a building block, or any `async fn(I) -> Result<O, E>`.
///
/// Nested blocks share one [`BlockError`], which holds the error of the innermost work.
///
/// A block in an [`Arc`] is a block, and so is a [borrowed](Self::by_ref) one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a block that takes `{I}`",
    label = "receives `{I}` here",
    note = "write an `async fn({I}) -> Result<O, E>`, or build a block of such functions",
    note = "an `async fn` of two arguments takes a tuple: `tupled(function)`",
    note = "a closure clones what its future keeps: `move |input| {{ let client = client.clone(); async move {{ … }} }}`"
)]
pub trait Block<I>: Send + Sync {
    /// The output of the work.
    type Output: Send;
    /// The error of the innermost work; [`run`](Self::run) returns it inside a [`BlockError`].
    type Error: Send;

    /// Returns the block's name.
    ///
    /// A function has the name that it has in the source, a closure the name of the function around it, and a function
    /// pointer the name `function`. A layer has the name of the work that it surrounds, unless it was given one of its
    /// own.
    fn name(&self) -> &'static str;

    /// Runs the work.
    ///
    /// # Errors
    ///
    /// The future returns [`BlockError::Inner`] with the error of the work, or another [`BlockError`] where a block
    /// itself fails, such as at a time limit.
    fn run(&self, input: I) -> impl Future<Output = Result<Self::Output, BlockError<Self::Error>>> + Send;

    /// Surrounds this work with a layer, such as a [`Timeout`](super::Timeout) or a [`Cache`](super::Cache).
    ///
    /// A layer that is added later surrounds the layers before it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tta_runtime::block::{Block, Retry, Timeout};
    ///
    /// async fn ask(question: &'static str) -> Result<usize, String> {
    ///     Ok(question.len())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// // One limit for all attempts together.
    /// let ask = ask.with(Retry::when(|_| true)).with(Timeout::after(Duration::from_secs(30)));
    /// assert_eq!(ask.run("why?").await, Ok(4));
    /// # }
    /// ```
    fn with<L: Layer<I, Self>>(self, layer: L) -> L::Block
    where
        Self: Sized,
    {
        layer.around(self)
    }

    /// Maps the error of the work, such as to the error type of other work in the same block.
    ///
    /// ```
    /// use tta_runtime::block::{Block, BlockError};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// async fn parse(text: &'static str) -> Result<u32, std::num::ParseIntError> {
    ///     text.parse()
    /// }
    ///
    /// let parse = parse.map_err(|error| error.to_string());
    /// assert_eq!(parse.run("x").await, Err(BlockError::Inner("invalid digit found in string".to_owned())));
    /// # }
    /// ```
    fn map_err<M, E>(self, map: M) -> MapErr<Self, M>
    where
        Self: Sized,
        M: Fn(Self::Error) -> E + Send + Sync,
    {
        MapErr { work: self, map }
    }

    /// Gives the work another name, such as a closure's.
    ///
    /// ```
    /// use tta_runtime::block::Block;
    ///
    /// let double = (async |n: u32| Ok::<_, String>(2 * n)).named("double");
    /// assert_eq!(Block::<u32>::name(&double), "double");
    /// ```
    fn named(self, name: &'static str) -> Named<Self>
    where
        Self: Sized,
    {
        Named { work: self, name }
    }

    /// Makes it a block without its type, which can be cloned and kept in a program's state.
    ///
    /// See [`BoxBlock`] for an example.
    fn boxed(self) -> BoxBlock<I, Self::Output, Self::Error>
    where
        Self: Sized + 'static,
        I: Send,
    {
        BoxBlock::new(self)
    }

    /// Borrows the block, so that it can be used in another block and stays usable afterwards.
    ///
    /// ```
    /// use tta_runtime::block::{Block, Conditional};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let double = Block::<u32>::named(async |n: u32| Ok::<_, String>(2 * n), "double");
    /// let even = Conditional::new("even", |n: &u32| n % 2 == 1).then(Block::<u32>::by_ref(&double));
    /// assert_eq!((even.run(3).await, double.run(4).await), (Ok(6), Ok(8)));
    /// # }
    /// ```
    fn by_ref(&self) -> Borrowed<'_, Self>
    where
        Self: Sized,
    {
        Borrowed(self)
    }
}

impl<I, O, E, F, R> Block<I> for F
where
    I: Send,
    O: Send,
    E: Send,
    F: Fn(I) -> R + Send + Sync,
    R: Future<Output = Result<O, E>> + Send,
{
    type Output = O;
    type Error = E;

    fn name(&self) -> &'static str {
        name::of_function(std::any::type_name::<F>())
    }

    async fn run(&self, input: I) -> Result<O, BlockError<E>> {
        self(input).await.map_err(BlockError::Inner)
    }
}

impl<I: Send, B: Block<I>> Block<I> for Arc<B> {
    type Output = B::Output;
    type Error = B::Error;

    fn name(&self) -> &'static str {
        B::name(self)
    }

    fn run(&self, input: I) -> impl Future<Output = Result<B::Output, BlockError<B::Error>>> + Send {
        B::run(self, input)
    }
}

/// Behaviour that surrounds work; [`Block::with`] adds it.
pub trait Layer<I, W> {
    /// The work with this behaviour around it.
    type Block;

    /// Surrounds the work with the behaviour.
    fn around(self, work: W) -> Self::Block;
}
