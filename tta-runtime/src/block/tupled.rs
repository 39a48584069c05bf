//! Functions of several arguments as work that takes a tuple.

use std::future::Future;

use super::error::BlockError;
use super::name;
use super::work::Block;

/// Makes an `async fn` of two or three arguments a block that takes them as a tuple.
///
/// ```
/// use tta_runtime::block::{Block, tupled};
///
/// async fn ask(model: &'static str, question: &'static str) -> Result<usize, String> {
///     Ok(model.len() + question.len())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// assert_eq!(tupled(ask).run(("gpt", "why?")).await, Ok(7));
/// # }
/// ```
pub fn tupled<F>(function: F) -> Tupled<F> {
    Tupled { function }
}

/// A function of several arguments, returned by [`tupled`].
#[derive(Clone, Copy, Debug)]
pub struct Tupled<F> {
    function: F,
}

macro_rules! tuples {
    ($(($($type:ident $argument:ident),*))*) => {$(
        impl<$($type,)* O, E, F, R> Block<($($type,)*)> for Tupled<F>
        where
            $($type: Send,)*
            O: Send,
            E: Send,
            F: Fn($($type),*) -> R + Send + Sync,
            R: Future<Output = Result<O, E>> + Send,
        {
            type Output = O;
            type Error = E;

            fn name(&self) -> &'static str {
                name::of_function(std::any::type_name::<F>())
            }

            async fn run(&self, ($($argument,)*): ($($type,)*)) -> Result<O, BlockError<E>> {
                (self.function)($($argument),*).await.map_err(BlockError::Inner)
            }
        }
    )*};
}
tuples! {
    (A a, B b)
    (A a, B b, C c)
}
