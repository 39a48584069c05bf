//! Tuples of branches, which run together and return a tuple of outputs.

use std::future::Future;
use std::ops::BitOr;

use futures_util::future::{join, try_join};

use super::Parallel;
use super::branch::BranchGroup;
use crate::block::error::BlockError;
use crate::block::work::Block;

/// Branches on the same input; implemented by tuples of up to 8 blocks.
pub trait Branches<I>: Send + Sync {
    /// The outputs, in the branches' order.
    type Outputs: Send;
    /// The results, in the branches' order.
    type Results: Send;
    /// The error of the branches.
    type Error: Send;
    /// The number of branches.
    const COUNT: usize;

    /// Runs the branches until the first error, which cancels the others.
    fn run(
        &self,
        group: BranchGroup<'_>,
        input: I,
    ) -> impl Future<Output = Result<Self::Outputs, BlockError<Self::Error>>> + Send;

    /// Runs all branches to their end.
    fn run_all(&self, group: BranchGroup<'_>, input: I) -> impl Future<Output = Self::Results> + Send;
}

/// Joins futures in pairs: `joined!(join; a, b, c)` is `join(a, join(b, c))`.
macro_rules! joined {
    ($join:ident; $last:expr) => { $last };
    ($join:ident; $first:expr, $($rest:expr),+) => { $join($first, joined!($join; $($rest),+)) };
}

/// The pattern of the output of [`joined`].
macro_rules! pairs {
    ($last:ident) => { $last };
    ($first:ident, $($rest:ident),+) => { ($first, pairs!($($rest),+)) };
}

/// Implements [`Branches`] for a tuple of this many blocks.
macro_rules! branches {
    ($count:literal: $first:ident $first_index:tt $(, $work:ident $index:tt)*) => {
        impl<I, $first, $($work),*> Branches<I> for ($first, $($work,)*)
        where
            I: Clone + Send,
            $first: Block<I>,
            $($work: Block<I, Error = $first::Error>,)*
        {
            type Outputs = ($first::Output, $($work::Output,)*);
            type Results = (
                Result<$first::Output, BlockError<$first::Error>>,
                $(Result<$work::Output, BlockError<$first::Error>>,)*
            );
            type Error = $first::Error;
            const COUNT: usize = $count;

            #[allow(non_snake_case, reason = "the names of the branches' types")]
            async fn run(
                &self,
                group: BranchGroup<'_>,
                input: I,
            ) -> Result<Self::Outputs, BlockError<Self::Error>> {
                $(let $work = group.run($index, &self.$index, input.clone());)*
                let $first = group.run($first_index, &self.$first_index, input);
                let pairs!($first $(, $work)*) = joined!(try_join; $first $(, $work)*).await?;
                Ok(($first, $($work,)*))
            }

            #[allow(non_snake_case, reason = "the names of the branches' types")]
            async fn run_all(&self, group: BranchGroup<'_>, input: I) -> Self::Results {
                $(let $work = group.run($index, &self.$index, input.clone());)*
                let $first = group.run($first_index, &self.$first_index, input);
                let pairs!($first $(, $work)*) = joined!(join; $first $(, $work)*).await;
                ($first, $($work,)*)
            }
        }
    };
}

/// Implements `branch` and `|` for a [`Parallel`] of this many branches.
macro_rules! add_branch {
    ($first:ident $first_index:tt $(, $work:ident $index:tt)*) => {
        impl<I, $first, $($work),*> Parallel<I, ($first, $($work,)*)>
        where
            I: Clone + Send,
            $first: Block<I>,
            $($work: Block<I, Error = $first::Error>,)*
        {
            /// Adds a branch on the same input.
            pub fn branch<W>(self, work: W) -> Parallel<I, ($first, $($work,)* W)>
            where
                W: Block<I, Error = $first::Error>,
            {
                let branches = (self.branches.$first_index, $(self.branches.$index,)* work);
                Parallel { name: self.name, branches, limit: self.limit, input: self.input }
            }
        }

        impl<I, W, $first, $($work),*> BitOr<W> for Parallel<I, ($first, $($work,)*)>
        where
            I: Clone + Send,
            $first: Block<I>,
            $($work: Block<I, Error = $first::Error>,)*
            W: Block<I, Error = $first::Error>,
        {
            type Output = Parallel<I, ($first, $($work,)* W)>;

            fn bitor(self, work: W) -> Self::Output {
                self.branch(work)
            }
        }
    };
}

branches!(1: A 0);
branches!(2: A 0, B 1);
branches!(3: A 0, B 1, C 2);
branches!(4: A 0, B 1, C 2, D 3);
branches!(5: A 0, B 1, C 2, D 3, E 4);
branches!(6: A 0, B 1, C 2, D 3, E 4, F 5);
branches!(7: A 0, B 1, C 2, D 3, E 4, F 5, G 6);
branches!(8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

add_branch!(A 0);
add_branch!(A 0, B 1);
add_branch!(A 0, B 1, C 2);
add_branch!(A 0, B 1, C 2, D 3);
add_branch!(A 0, B 1, C 2, D 3, E 4);
add_branch!(A 0, B 1, C 2, D 3, E 4, F 5);
add_branch!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
