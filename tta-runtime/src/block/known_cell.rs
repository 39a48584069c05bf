//! The cell of one series that a block adds to often, found without a search.

use std::sync::OnceLock;

use crate::metric::Cell;
use crate::recorder::Recorder;
use crate::schema::Id;

/// The cell of a series under the first recorder that is used. A block has one for each series: the labels are always the same.
#[derive(Clone, Default)]
pub(super) struct KnownCell(OnceLock<(&'static Recorder, Cell)>);

impl KnownCell {
    /// Adds to the series.
    #[inline]
    pub(super) fn add(&self, recorder: &'static Recorder, id: Id, labels: &[&str], n: u64) {
        match self.0.get() {
            Some((known, cell)) if std::ptr::eq(*known, recorder) => {
                if recorder.is_enabled() {
                    cell.add(n);
                }
            }
            _ => {
                recorder.add(id, labels, n);
                if let Some(cell) = recorder.cell(id, labels) {
                    let _ = self.0.set((recorder, cell));
                }
            }
        }
    }
}
