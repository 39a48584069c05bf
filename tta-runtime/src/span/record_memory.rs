//! The memory of records whose spans ended, for the next spans of the thread.
//!
//! A record that was allocated by a call and freed by an export thread would cost the call more than all that it writes there.

use std::cell::RefCell;

use super::record::SpanRecord;

/// The most records whose memory a thread keeps: the depth of most programs' calls.
const MOST: usize = 16;

thread_local! {
    static SPARE: RefCell<Vec<Box<SpanRecord>>> = const { RefCell::new(Vec::new()) };
}

/// Puts a record into memory that it keeps until its span ends.
#[inline]
pub(crate) fn boxed(record: SpanRecord) -> Box<SpanRecord> {
    match SPARE.try_with(|spare| spare.try_borrow_mut().ok()?.pop()) {
        Ok(Some(mut memory)) => {
            *memory = record;
            memory
        }
        _ => Box::new(record),
    }
}

/// Takes the memory of a record that nobody needs any more.
#[inline]
pub(crate) fn give_back(mut memory: Box<SpanRecord>) {
    // What is left in it is dropped first, and may be the host's.
    drop(memory.take());
    // On a thread that is ending, the memory is freed.
    let _ = SPARE.try_with(|spare| {
        if let Ok(mut spare) = spare.try_borrow_mut()
            && spare.len() < MOST
        {
            spare.push(memory);
        }
    });
}
