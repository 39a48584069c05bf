//! Some items of the intake in one piece of memory, with bytes that belong to each.

/// The most items of a chunk.
pub(super) const MOST_ITEMS: usize = 32;

/// The most bytes for which room is made in advance: a few large items must not have it made for as many of their size.
const MOST_BYTES_AHEAD: usize = 16 << 10;

/// Items one after another, each with some bytes. The memory of the items is used again once they were taken.
#[derive(Debug)]
pub(super) struct Chunk<T> {
    /// Places, of which the first ones have an item and the others a default.
    places: Vec<T>,
    len: usize,
    /// The bytes of all items, in the same order.
    bytes: Vec<u8>,
}

impl<T> Chunk<T> {
    /// Creates a chunk without memory.
    pub(super) const fn new() -> Self {
        Self { places: Vec::new(), len: 0, bytes: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }
}

impl<T: Default> Chunk<T> {
    /// Adds an item with some bytes: `put` has a place with a default value, and puts the item there. Room is made for as many items
    /// as the chunk is to have.
    #[inline]
    pub(super) fn push(&mut self, items: usize, put: impl FnOnce(&mut T), bytes: &[u8]) {
        if self.len == self.places.len() {
            self.add_places(items);
        }
        if let Some(place) = self.places.get_mut(self.len) {
            put(place);
            self.len += 1;
            if self.bytes.len() + bytes.len() > self.bytes.capacity() {
                self.add_bytes(bytes.len());
            }
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Makes room for some bytes: for as many as the whole chunk will have if its later items are like the ones so far.
    #[cold]
    fn add_bytes(&mut self, own: usize) {
        let of_all = (self.bytes.len() + own).saturating_mul(self.places.len()) / self.len;
        if of_all <= MOST_BYTES_AHEAD {
            self.bytes.reserve_exact(of_all - self.bytes.len());
        } else {
            self.bytes.reserve(own);
        }
    }

    #[cold]
    fn add_places(&mut self, more: usize) {
        let more = more.max(1);
        self.places.reserve_exact(more);
        self.places.resize_with(self.len + more, T::default);
    }

    /// Takes all items, each with its bytes; `length` returns their number.
    pub(super) fn take(&mut self, length: impl Fn(&T) -> usize, mut take: impl FnMut(T, &[u8])) {
        let mut rest = &*self.bytes;
        for place in self.places.iter_mut().take(std::mem::take(&mut self.len)) {
            let (own, later) = rest.split_at_checked(length(place)).unwrap_or_default();
            rest = later;
            take(std::mem::take(place), own);
        }
        // Emptied chunks would keep as much memory as all attributes of a batch take; a chunk allocates it once for all its items.
        self.bytes = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::{Chunk, MOST_ITEMS};

    #[test]
    fn each_item_comes_back_with_its_bytes() {
        let mut chunk = Chunk::new();
        for longest in [2_000, 70_000] {
            let lengths = [&[3, 0, longest, 1][..], &[7; MOST_ITEMS]].concat();
            for &length in &lengths {
                let put = |place: &mut usize| {
                    assert_eq!(*place, 0);
                    *place = length;
                };
                chunk.push(MOST_ITEMS, put, &vec![length as u8; length]);
            }
            assert_eq!(chunk.len(), lengths.len());
            let mut taken = Vec::new();
            chunk.take(
                |length| *length,
                |length, bytes| {
                    assert_eq!(bytes, vec![length as u8; length]);
                    taken.push(length);
                },
            );
            assert_eq!((taken, chunk.len(), chunk.bytes.capacity()), (lengths, 0, 0));
        }
    }
}
