//! What a block is: work from an input to an output, that other work can be put around.

use std::future::Future;

/// Work that takes an input to an output: a block, or any `async fn(I) -> Result<O, E>`.
pub trait Block<I>: Send + Sync {
    /// What it makes of the input.
    type Output;
    /// Why it could not.
    type Error;

    /// Does the work.
    fn run(&self, input: I) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;

    /// Puts a layer, such as a cache, around this work.
    fn with<L: Layer<I, Self>>(self, layer: L) -> L::Block
    where
        Self: Sized,
    {
        layer.around(self)
    }
}

impl<I, O, E, F, R> Block<I> for F
where
    I: Send,
    F: Fn(I) -> R + Send + Sync,
    R: Future<Output = Result<O, E>> + Send,
{
    type Output = O;
    type Error = E;

    async fn run(&self, input: I) -> Result<O, E> {
        self(input).await
    }
}

/// Behaviour that can be put around work.
pub trait Layer<I, W> {
    /// The work with this behaviour around it.
    type Block;

    /// Puts the behaviour around the work.
    fn around(self, work: W) -> Self::Block;
}
