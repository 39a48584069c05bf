//! One of several branches that run at once.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use opentelemetry::KeyValue;
use tokio::sync::Semaphore;

use crate::block::error::BlockError;
use crate::block::name::BlockName;
use crate::block::part::{Name, Part, inside};
use crate::block::span_name::SpanName;
use crate::block::work::Block;
use crate::context::frame::Connection;

/// The block that branches belong to.
#[derive(Clone, Copy, Debug)]
pub struct Siblings<'a> {
    pub(super) block: &'static str,
    pub(super) total: usize,
    /// Where a branch waits for its turn, if not all may run at once.
    pub(super) seats: Option<&'a Semaphore>,
}

impl Siblings<'_> {
    pub(super) fn start(block: &'static str) -> Part {
        let name = Name {
            block: BlockName::Own(block),
            primitive_type: "parallel",
            span: SpanName::Of("primitive.parallel.execute"),
            connection: Some(Connection::Parallel),
        };
        Part::start(name, Vec::new)
    }

    /// Runs a branch when it is its turn; its panic is its error.
    pub(super) async fn run<I, W: Block<I>>(
        self,
        index: usize,
        work: &W,
        input: I,
    ) -> Result<W::Output, BlockError<W::Error>> {
        // Nobody closes the seats, so a refusal could only mean that there is no limit.
        let _seat = match self.seats {
            Some(seats) => seats.acquire().await.ok(),
            None => None,
        };
        let name = Name {
            block: BlockName::Own(self.block),
            primitive_type: "parallel",
            span: SpanName::Numbered("primitive.parallel.branch_", index),
            connection: Some(Connection::Parallel),
        };
        let part = Part::start(name, || {
            vec![KeyValue::new("branch.index", index as i64), KeyValue::new("branch.total_branches", self.total as i64)]
        });
        let work = inside(part, work.run(input));
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok((result, part)) => {
                part.end(&result);
                result
            }
            Err(payload) => Err(BlockError::Panicked { branch: index, message: panic_text(&*payload) }),
        }
    }
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
