//! Some items of the intake in one piece of memory, with bytes that belong to each.

/// The most items of a chunk.
pub(super) const MOST_ITEMS: usize = 32;

/// The bytes that an emptied chunk may keep: a few large items must not keep their memory.
const MOST_BYTES_KEPT: usize = 16 << 10;

/// Items one after another, each with some bytes. The memory is used again once the items were taken.
#[derive(Debug)]
pub(super) struct Chunk<T> {
    items: Vec<T>,
    /// The bytes of all items, in the same order.
    bytes: Vec<u8>,
}

impl<T> Chunk<T> {
    /// Creates a chunk without memory.
    pub(super) const fn new() -> Self {
        Self { items: Vec::new(), bytes: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    #[inline]
    pub(super) fn push(&mut self, item: T, bytes: &[u8]) {
        if self.items.capacity() == 0 {
            self.items.reserve_exact(MOST_ITEMS);
        }
        self.items.push(item);
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes all items, each with its bytes; `length` returns their number.
    pub(super) fn take(&mut self, length: impl Fn(&T) -> usize, mut take: impl FnMut(T, &[u8])) {
        let mut rest = &*self.bytes;
        for item in self.items.drain(..) {
            let (own, later) = rest.split_at_checked(length(&item)).unwrap_or_default();
            rest = later;
            take(item, own);
        }
        self.bytes.clear();
        if self.bytes.capacity() > MOST_BYTES_KEPT {
            self.bytes = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Chunk;

    #[test]
    fn each_item_comes_back_with_its_bytes() {
        let mut chunk = Chunk::new();
        for (longest, is_kept) in [(2_000, true), (70_000, false)] {
            for length in [3, 0, longest, 1] {
                chunk.push(length, &vec![length as u8; length]);
            }
            assert_eq!(chunk.len(), 4);
            let mut taken = Vec::new();
            chunk.take(|length| *length, |length, bytes| taken.push((length, bytes == vec![length as u8; length])));
            assert_eq!(taken, [(3, true), (0, true), (longest, true), (1, true)]);
            assert_eq!((chunk.len(), chunk.bytes.capacity() > 0), (0, is_kept));
        }
    }
}
