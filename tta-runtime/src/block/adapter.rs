//! Blocks that the methods of [`Block`] return: work that is borrowed, renamed, or has its error mapped.

use std::future::Future;

use super::error::BlockError;
use super::work::Block;

/// A borrowed block, returned by [`Block::by_ref`].
#[derive(Debug)]
pub struct Borrowed<'a, B>(pub(super) &'a B);

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

/// Work under another name, returned by [`Block::named`].
#[derive(Clone, Debug)]
pub struct Named<B> {
    pub(super) work: B,
    pub(super) name: &'static str,
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

/// Work whose error is mapped, returned by [`Block::map_err`].
#[derive(Clone, Debug)]
pub struct MapErr<B, M> {
    pub(super) work: B,
    pub(super) map: M,
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
