//! The room that spans have: how many may be held, and how many bytes they may take.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::fate::DropReason;
use super::settings::ExportSettings;

/// The spans and bytes that the queue and the exporters hold, with the room that parts of the queue have taken in advance.
#[derive(Debug, Default)]
pub(super) struct Held {
    spans: AtomicUsize,
    bytes: AtomicUsize,
    /// True if parts may have room that they do not use.
    is_lent: AtomicBool,
}

/// Room that a part of the queue has taken for its next spans, so that threads do not meet at each span.
#[derive(Debug, Default)]
pub(super) struct Room {
    spans: usize,
    bytes: usize,
}

/// The room that a part takes at once, while there is much.
const LENT: Room = Room { spans: 32, bytes: 32 << 10 };

impl Held {
    /// Takes the room of a span from that of a part, unless there is none.
    ///
    /// # Errors
    ///
    /// Returns why the span is to be dropped. For [`QueueFull`](DropReason::QueueFull), other parts may have room that they do not use.
    #[inline]
    pub(super) fn take(&self, room: &mut Room, bytes: usize, settings: &ExportSettings) -> Result<(), DropReason> {
        if room.spans == 0 || room.bytes < bytes {
            self.lend(room, bytes, settings)?;
        }
        room.spans -= 1;
        room.bytes -= bytes;
        Ok(())
    }

    /// Gives a part room for a span of this size: for more than one while the queue is less than half full.
    #[cold]
    fn lend(&self, room: &mut Room, bytes: usize, settings: &ExportSettings) -> Result<(), DropReason> {
        if bytes > settings.heaviest_span() {
            return Err(DropReason::TooLarge);
        }
        let is_half_full = self.spans.load(Ordering::Acquire) >= settings.most_spans / 2
            || self.bytes.load(Ordering::Acquire) >= settings.queue_bytes() / 2;
        let missing = Room { spans: usize::from(room.spans == 0), bytes: bytes.saturating_sub(room.bytes) };
        // Less than the heaviest span is left of a step, so that each heavier one comes here.
        let step = LENT.bytes.min(settings.heaviest_span()).max(1);
        let more = Room { spans: missing.spans * LENT.spans, bytes: missing.bytes.next_multiple_of(step) };
        if !is_half_full && self.add(&more, settings) {
            self.put_is_lent();
            room.spans += more.spans;
            room.bytes += more.bytes;
            return Ok(());
        }
        if !self.add(&missing, settings) {
            return Err(DropReason::QueueFull);
        }
        room.spans += missing.spans;
        room.bytes += missing.bytes;
        Ok(())
    }

    /// Takes room; returns whether there was enough.
    fn add(&self, Room { spans, bytes }: &Room, settings: &ExportSettings) -> bool {
        let spans_before = self.spans.fetch_add(*spans, Ordering::AcqRel);
        let bytes_before = self.bytes.fetch_add(*bytes, Ordering::AcqRel);
        let fits = spans_before + spans <= settings.most_spans && bytes_before + bytes <= settings.queue_bytes();
        if !fits {
            self.subtract(*spans, *bytes);
        }
        fits
    }

    /// Gives back the room of spans.
    pub(super) fn release(&self, spans: usize, bytes: usize) {
        self.subtract(spans, bytes);
    }

    /// Takes back the room that a part does not use.
    pub(super) fn take_back(&self, room: &mut Room) {
        let Room { spans, bytes } = std::mem::take(room);
        if spans > 0 || bytes > 0 {
            self.subtract(spans, bytes);
        }
    }

    fn subtract(&self, spans: usize, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
        self.spans.fetch_sub(spans, Ordering::AcqRel);
    }

    /// Returns whether parts may have room that they do not use, which whoever asks takes back.
    pub(super) fn take_is_lent(&self) -> bool {
        self.is_lent.swap(false, Ordering::AcqRel)
    }

    /// Says that a part may still have room that it does not use.
    pub(super) fn put_is_lent(&self) {
        self.is_lent.store(true, Ordering::Release);
    }

    /// Returns the spans and bytes that are held, and in advance taken.
    pub(super) fn sums(&self) -> [usize; 2] {
        [&self.spans, &self.bytes].map(|sum| sum.load(Ordering::Acquire))
    }
}

impl Room {
    /// Returns the spans and bytes that there is room for.
    pub(super) fn left(&self) -> [usize; 2] {
        [self.spans, self.bytes]
    }
}

#[cfg(test)]
mod tests {
    use super::{Held, LENT, Room};
    use crate::span::fate::DropReason;
    use crate::span::settings::ExportSettings;

    #[test]
    fn the_bounds_are_exact_once_unused_room_is_taken_back() {
        let settings = ExportSettings { most_spans: 100, ..ExportSettings::default() };
        let (held, [mut one, mut other]) = (Held::default(), [Room::default(), Room::default()]);
        assert_eq!(held.take(&mut one, 200, &settings), Ok(()));
        assert_eq!((held.sums(), one.left()), ([LENT.spans, LENT.bytes], [LENT.spans - 1, LENT.bytes - 200]));
        let of_other = (0..200).filter(|_| held.take(&mut other, 200, &settings).is_ok()).count();
        assert_eq!(of_other, 100 - LENT.spans, "the first part has room that it does not use");
        assert!(held.take_is_lent() && !held.take_is_lent());
        held.take_back(&mut one);
        let of_other = (0..200).filter(|_| held.take(&mut other, 200, &settings).is_ok()).count();
        assert_eq!((of_other, held.sums()[0]), (LENT.spans - 1, 100));
        assert_eq!(held.take(&mut other, 1, &settings), Err(DropReason::QueueFull));
        assert_eq!(held.take(&mut other, 9 << 20, &settings), Err(DropReason::TooLarge));
        held.take_back(&mut other);
        (0..100).for_each(|_| held.release(1, 200));
        assert_eq!(held.sums(), [0, 0]);
    }

    #[test]
    fn a_span_that_is_too_large_does_not_fit_into_room_that_was_lent() {
        let settings = ExportSettings { most_bytes: 65_536, ..ExportSettings::default() };
        let (held, mut room) = (Held::default(), Room::default());
        assert_eq!(held.take(&mut room, 100, &settings), Ok(()));
        assert_eq!(held.take(&mut room, settings.heaviest_span() + 1, &settings), Err(DropReason::TooLarge));
        assert_eq!(held.take(&mut room, settings.heaviest_span(), &settings), Ok(()));
    }

    #[test]
    fn the_bytes_are_bounded_as_the_spans_are() {
        let settings = ExportSettings { most_bytes: 80_000, ..ExportSettings::default() };
        let (held, mut room) = (Held::default(), Room::default());
        let taken = (0..200).filter(|_| held.take(&mut room, 1_000, &settings).is_ok()).count();
        assert_eq!((taken, held.sums()[1] - room.left()[1]), (70, 70_000));
    }
}
