//! The memory of records whose spans ended, for the next spans of the thread.
//!
//! A record that a call allocates and an export thread frees would cost the call more than all that it writes there.

use std::cell::RefCell;

use super::record::SpanRecord;

/// The most records whose memory a thread keeps: the depth of most programs' calls.
const MOST: usize = 16;

thread_local! {
    #[expect(clippy::vec_box, reason = "the boxes are what is used again")]
    static SPARE: RefCell<Vec<Box<SpanRecord>>> = const { RefCell::new(Vec::new()) };
}

/// Returns an empty record.
#[inline]
pub(crate) fn empty() -> Box<SpanRecord> {
    match SPARE.try_with(|spare| spare.try_borrow_mut().ok()?.pop()) {
        Ok(Some(memory)) => memory,
        _ => Box::new(SpanRecord::NONE),
    }
}

/// Puts a record into memory that it keeps until its span ends.
pub(crate) fn boxed(record: SpanRecord) -> Box<SpanRecord> {
    let mut memory = empty();
    *memory = record;
    memory
}

/// Keeps the memory of an empty record.
#[inline]
pub(super) fn give_back(memory: Box<SpanRecord>) {
    // On a thread that is ending, the memory is freed.
    let _ = SPARE.try_with(|spare| {
        if let Ok(mut spare) = spare.try_borrow_mut()
            && spare.len() < MOST
        {
            spare.push(memory);
        }
    });
}

/// Empties a record that nobody needs, and keeps its memory.
pub(crate) fn discard(mut memory: Box<SpanRecord>) {
    drop(memory.take());
    give_back(memory);
}

#[cfg(test)]
mod tests {
    use opentelemetry::KeyValue;

    use super::{SPARE, boxed, discard, empty};
    use crate::id::SpanIds;
    use crate::packed_attributes::PackedAttributes;
    use crate::span::record::{Origin, SpanRecord};

    #[test]
    fn the_memory_of_a_record_is_used_again_and_says_nothing_of_it() {
        let attributes: PackedAttributes = [KeyValue::new("key", "value")].into_iter().collect();
        let ids = SpanIds::root(|_| true);
        let mut record = boxed(SpanRecord::new(Origin::Foreign("span".to_owned().into()), ids, ids, attributes));
        record.rare().inner_error = Some("an error".to_owned());
        let place = std::ptr::from_ref(&*record).addr();
        discard(record);
        let next = empty();
        assert_eq!(std::ptr::from_ref(&*next).addr(), place);
        assert_eq!(format!("{next:?}"), format!("{:?}", SpanRecord::NONE));
        (0..20).map(|_| boxed(SpanRecord::NONE)).collect::<Vec<_>>().into_iter().for_each(discard);
        assert_eq!(SPARE.with_borrow(Vec::len), super::MOST);
    }
}
