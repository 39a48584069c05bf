//! A block without its type, for fields and for the state of a program.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::dyn_block::DynBlock;
use super::error::BlockError;
use super::work::Block;

/// A block whose type is only its input, output and error; [`Block::boxed`] makes it.
///
/// It can be cloned, sent and shared, as the state of a web server has to be: clones run the same block. A run allocates
/// once.
///
/// ```
/// use std::time::Duration;
/// use tta_runtime::block::{Block, BoxBlock, Timeout};
///
/// #[derive(Clone)]
/// struct App {
///     ask: BoxBlock<String, usize, String>,
/// }
///
/// async fn ask(question: String) -> Result<usize, String> {
///     Ok(question.len())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app = App { ask: ask.with(Timeout::after(Duration::from_secs(30))).boxed() };
/// let answer = tokio::spawn(async move { app.ask.run("why?".to_owned()).await });
/// assert_eq!(answer.await.unwrap(), Ok(4));
/// # }
/// ```
pub struct BoxBlock<I, O, E>(Arc<dyn DynBlock<I, O, E>>);

impl<I, O, E> BoxBlock<I, O, E> {
    pub(super) fn new(work: impl DynBlock<I, O, E> + 'static) -> Self {
        Self(Arc::new(work))
    }
}

impl<I: Send, O: Send, E: Send> Block<I> for BoxBlock<I, O, E> {
    type Output = O;
    type Error = E;

    fn name(&self) -> &'static str {
        DynBlock::name(&*self.0)
    }

    fn run(&self, input: I) -> impl Future<Output = Result<O, BlockError<E>>> + Send {
        DynBlock::run(&*self.0, input)
    }
}

impl<I, O, E> Clone for BoxBlock<I, O, E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<I, O, E> fmt::Debug for BoxBlock<I, O, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("BoxBlock").field(&DynBlock::name(&*self.0)).finish()
    }
}
