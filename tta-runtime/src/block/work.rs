//! What a block is: work from an input to an output, that other work can be put around.

use std::future::Future;
use std::sync::Arc;

use super::error::BlockError;
use super::name;

/// Work that takes an input to an output: a block, or any `async fn(I) -> Result<O, E>`.
///
/// Whatever blocks stand around each other, there is one [`BlockError`], and the work's own error inside it.
///
/// A block in an [`Arc`] is a block, and so is one that is [borrowed](Self::by_ref).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no work that takes `{I}`",
    label = "is given `{I}` here",
    note = "work is a block, or an `async fn({I}) -> Result<O, E>`"
)]
pub trait Block<I>: Send + Sync {
    /// What it makes of the input.
    type Output: Send;
    /// Why the work inside could not; what blocks themselves say is a [`BlockError`] of it.
    type Error: Send;

    /// Returns the block's name; a function's is its own, and a closure's that of the function it stands in.
    ///
    /// Layers have the name of the work that they are put around, unless they are given one.
    fn name(&self) -> &'static str;

    /// Does the work.
    fn run(&self, input: I) -> impl Future<Output = Result<Self::Output, BlockError<Self::Error>>> + Send;

    /// Puts a layer, such as a cache, around this work.
    fn with<L: Layer<I, Self>>(self, layer: L) -> L::Block
    where
        Self: Sized,
    {
        layer.around(self)
    }

    /// Changes the work's own error, such as to one that other work has, too.
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

    /// Gives the work another name, such as to a closure.
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

    /// Borrows the block, to put something around it for a while.
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

/// A borrowed block; see [`Block::by_ref`].
#[derive(Debug)]
pub struct Borrowed<'a, B>(&'a B);

impl<I: Send, B: Block<I>> Block<I> for Borrowed<'_, B> {
    type Output = B::Output;
    type Error = B::Error;

    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn run(&self, input: I) -> impl Future<Output = Result<B::Output, BlockError<B::Error>>> + Send {
        self.0.run(input)
    }
}

/// Work with another name; see [`Block::named`].
#[derive(Clone, Debug)]
pub struct Named<B> {
    work: B,
    name: &'static str,
}

impl<I: Send, B: Block<I>> Block<I> for Named<B> {
    type Output = B::Output;
    type Error = B::Error;

    fn name(&self) -> &'static str {
        self.name
    }

    fn run(&self, input: I) -> impl Future<Output = Result<B::Output, BlockError<B::Error>>> + Send {
        self.work.run(input)
    }
}

/// Work whose error is changed; see [`Block::map_err`].
#[derive(Clone, Debug)]
pub struct MapErr<B, M> {
    work: B,
    map: M,
}

impl<I, B, M, E> Block<I> for MapErr<B, M>
where
    I: Send,
    B: Block<I>,
    M: Fn(B::Error) -> E + Send + Sync,
    E: Send,
{
    type Output = B::Output;
    type Error = E;

    fn name(&self) -> &'static str {
        self.work.name()
    }

    async fn run(&self, input: I) -> Result<B::Output, BlockError<E>> {
        self.work.run(input).await.map_err(|error| error.map_inner(&self.map))
    }
}

/// Behaviour that can be put around work.
pub trait Layer<I, W> {
    /// The work with this behaviour around it.
    type Block;

    /// Puts the behaviour around the work.
    fn around(self, work: W) -> Self::Block;
}
