//! The calls that an agent makes in one invocation.

use std::sync::atomic::{AtomicU64, Ordering};

/// The calls that an agent has made, in all tasks that work for it; those of agents inside are their own.
#[derive(Debug, Default)]
pub(super) struct Invocation {
    inferences: AtomicU64,
    tool_calls: AtomicU64,
}

impl Invocation {
    // Relaxed is enough: the invocation ends after what it waited for, and whatever it did not wait for may come too late anyhow.
    pub(super) fn count_inference(&self) {
        self.inferences.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_tool_call(&self) {
        self.tool_calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the calls to models and the calls of tools so far.
    pub(super) fn calls(&self) -> [u64; 2] {
        [&self.inferences, &self.tool_calls].map(|calls| calls.load(Ordering::Relaxed))
    }
}
