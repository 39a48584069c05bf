//! The object-safe form of [`Block`], for blocks of different types in one list.

use futures_util::future::BoxFuture;

use super::error::BlockError;
use super::work::Block;

/// A block whose future is boxed.
pub(super) trait DynBlock<I, O, E>: Send + Sync {
    fn name(&self) -> &'static str;

    fn run<'a>(&'a self, input: I) -> BoxFuture<'a, Result<O, BlockError<E>>>
    where
        I: 'a;
}

impl<I: Send, O, E, B: Block<I, Output = O, Error = E>> DynBlock<I, O, E> for B {
    fn name(&self) -> &'static str {
        Block::name(self)
    }

    fn run<'a>(&'a self, input: I) -> BoxFuture<'a, Result<O, BlockError<E>>>
    where
        I: 'a,
    {
        Box::pin(Block::run(self, input))
    }
}
