//! One of several branches that run at once.

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

/// The block that branches belong to.
#[derive(Clone, Copy, Debug)]
pub struct BranchGroup<'a> {
    pub(super) block: &'static str,
    pub(super) total: usize,
    /// Where a branch waits for its turn, if not all may run at once.
    pub(super) permits: Option<&'a Semaphore>,
}

impl BranchGroup<'_> {
    pub(super) fn start(block: &'static str) -> BlockCall {
        let names = BlockCallNames {
            block: BlockName::Own(block),
            primitive_type: "parallel",
            span: SpanName::Fixed("primitive.parallel.execute"),
            connection: Some(Connection::Parallel),
        };
        BlockCall::start(names, Vec::new)
    }

    /// Runs a branch when it is its turn; its panic is its error.
    pub(super) async fn run<I, W: Block<I>>(
        self,
        index: usize,
        work: &W,
        input: I,
    ) -> Result<W::Output, BlockError<W::Error>> {
        // Nobody closes the permits, so a refusal could only mean that there is no limit.
        let _permit = match self.permits {
            Some(permits) => permits.acquire().await.ok(),
            None => None,
        };
        let names = BlockCallNames {
            block: BlockName::Own(self.block),
            primitive_type: "parallel",
            span: SpanName::Numbered("primitive.parallel.branch_", index),
            connection: Some(Connection::Parallel),
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
            Err(payload) => Err(BlockError::Panicked { branch: index, message: panic_text(&*payload) }),
        }
    }
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
