//! One branch of a parallel block.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use opentelemetry::KeyValue;
use tokio::sync::Semaphore;

use crate::block::block_call::{BlockCall, BlockCallNames};
use crate::block::error::BlockError;
use crate::block::name::BlockName;
use crate::block::span_name::SpanName;
use crate::block::work::Block;
use crate::context::frame::Connection;
use crate::panics::discard;
use crate::span::SpanDetail;

/// The block that a branch belongs to, and its limit on branches at a time.
#[derive(Clone, Copy, Debug)]
pub struct BranchGroup<'a> {
    pub(super) block: &'static str,
    pub(super) total: usize,
    /// The permits of the branches that may run at a time; `None` for no limit.
    pub(super) permits: Option<&'a Semaphore>,
}

impl BranchGroup<'_> {
    /// Starts the call of the whole block.
    pub(super) fn start(block: &'static str) -> BlockCall {
        let names = BlockCallNames {
            block: BlockName::Own(block),
            primitive_type: "parallel",
            span: SpanName::Fixed("primitive.parallel.execute"),
            connection: Some(Connection::Parallel),
            detail: SpanDetail::Low,
        };
        BlockCall::start(names, Vec::new)
    }

    /// Runs one branch once a permit is free; a panic becomes [`BlockError::Panicked`].
    pub(super) async fn run<I, W: Block<I>>(
        self,
        index: usize,
        work: &W,
        input: I,
    ) -> Result<W::Output, BlockError<W::Error>> {
        // The semaphore is never closed, so `acquire` does not fail.
        let _permit = match self.permits {
            Some(permits) => permits.acquire().await.ok(),
            None => None,
        };
        let names = BlockCallNames {
            block: BlockName::Own(self.block),
            primitive_type: "parallel",
            span: SpanName::Numbered("primitive.parallel.branch_", index),
            connection: Some(Connection::Parallel),
            detail: SpanDetail::Full,
        };
        let call = BlockCall::start(names, || {
            vec![KeyValue::new("branch.index", index as i64), KeyValue::new("branch.total_branches", self.total as i64)]
        });
        let work = call.instrument(work.run(input));
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok((result, call)) => {
                call.end(&result);
                result
            }
            Err(payload) => {
                let message = panic_text(&*payload);
                discard(payload);
                Err(BlockError::Panicked { branch: index, message })
            }
        }
    }
}

/// Returns the message of a panic, or `no message` if its payload is not text.
fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
