//! The usage that the parts of a model call report, until the call ends.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::usage::Usage;

/// The usage that the parts of a model call report apart from it, until it ends.
#[derive(Debug, Default)]
pub(crate) struct InnerUsage(Mutex<InnerState>);

#[derive(Debug, Default)]
struct InnerState {
    /// The latest report of each part.
    parts: Vec<Vec<Usage>>,
    has_ended: bool,
}

impl InnerUsage {
    /// Begins a part. Returns its number.
    pub(crate) fn begin_part(&self) -> usize {
        let mut state = self.state();
        state.parts.push(Vec::new());
        state.parts.len() - 1
    }

    /// Replaces what a part has reported. Returns false if the call has ended.
    pub(crate) fn report(&self, part: usize, usages: Vec<Usage>) -> bool {
        let mut state = self.state();
        let in_time = !state.has_ended;
        if let Some(part) = state.parts.get_mut(part).filter(|_| in_time) {
            *part = usages;
        }
        in_time
    }

    /// Ends the call. Returns what its parts have reported.
    pub(crate) fn end(&self) -> Vec<Usage> {
        let mut state = self.state();
        state.has_ended = true;
        std::mem::take(&mut state.parts).into_iter().flatten().collect()
    }

    fn state(&self) -> MutexGuard<'_, InnerState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
