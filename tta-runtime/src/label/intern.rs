//! An interner: each text is stored once, forever, and found without a lock.

use std::sync::OnceLock;

/// A set of texts that only grows.
///
/// Each segment gives a text a few slots, and the text takes the first free one. A free slot found during the search
/// therefore proves that the text is absent, and is the slot to fill. Slots are written once: a reader waits only for a
/// writer of the very slot that it needs.
pub(super) struct Interner {
    first: OnceLock<Segment>,
}

struct Segment {
    slots: Box<[OnceLock<&'static str>]>,
    next: OnceLock<Box<Segment>>,
}

/// The number of slots in the first segment; each further one has twice as many.
const FIRST_SLOTS: usize = 64;

/// The number of slots in a segment that a text may take.
const PROBES: usize = 8;

impl Interner {
    pub(super) const fn new() -> Self {
        Self { first: OnceLock::new() }
    }

    /// Returns the parts joined by `/`, as a static text.
    pub(super) fn intern(&self, parts: &[&str]) -> &'static str {
        // Adding is always allowed, so the text is always found.
        self.intern_if(parts, || true).unwrap_or("")
    }

    /// Returns the parts joined by `/`, `None` if the text is new and `may_add` returns false.
    pub(super) fn intern_if(&self, parts: &[&str], may_add: impl FnOnce() -> bool) -> Option<&'static str> {
        let hash = hash(parts);
        let mut may_add = Some(may_add);
        let mut segment = self.first.get_or_init(|| Segment::new(FIRST_SLOTS));
        loop {
            for probe in 0..PROBES {
                // The number of slots is a power of two, so the masked index is in range.
                let Some(slot) = segment.slots.get(hash.wrapping_add(probe) & (segment.slots.len() - 1)) else {
                    continue;
                };
                if slot.get().is_none()
                    && let Some(may_add) = may_add.take()
                    && !may_add()
                {
                    return None;
                }
                // Another thread may fill the free slot first, even with the same text.
                let text: &'static str = slot.get_or_init(|| Box::leak(parts.join("/").into_boxed_str()));
                if is_joined(text, parts) {
                    return Some(text);
                }
            }
            segment = segment.next.get_or_init(|| Box::new(Segment::new(segment.slots.len() * 2)));
        }
    }
}

impl Segment {
    fn new(slots: usize) -> Self {
        Self { slots: (0..slots).map(|_| OnceLock::new()).collect(), next: OnceLock::new() }
    }
}

/// Hashes the joined text without allocating it: FNV-1a, as the sets are small and bounded by the callers.
fn hash(parts: &[&str]) -> usize {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            add(b'/');
        }
        part.bytes().for_each(&mut add);
    }
    (hash ^ (hash >> 32)) as usize
}

/// Returns whether the text equals the parts joined by `/`.
fn is_joined(text: &str, parts: &[&str]) -> bool {
    let mut rest = text;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            let Some(behind) = rest.strip_prefix('/') else { return false };
            rest = behind;
        }
        let Some(behind) = rest.strip_prefix(part) else { return false };
        rest = behind;
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found_again_when_segments_have_filled() {
        let interner = Interner::new();
        let texts: Vec<String> = (0..2_000).map(|number| format!("value-{number}")).collect();
        let first: Vec<&'static str> = texts.iter().map(|text| interner.intern(&[text])).collect();
        assert_eq!(first, texts);
        for (text, first) in texts.iter().zip(first) {
            assert!(std::ptr::eq(interner.intern(&[text]), first));
        }
    }

    #[test]
    fn threads_agree_on_the_one_text() {
        let interner = Interner::new();
        let found: Vec<Vec<&'static str>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..500).map(|n| interner.intern(&["a", &n.to_string()])).collect()))
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        for texts in &found {
            assert!(texts.iter().zip(&found[0]).all(|(one, other)| std::ptr::eq(*one, *other)));
        }
    }

    #[test]
    fn a_text_that_may_not_be_added_is_not_kept() {
        let interner = Interner::new();
        assert_eq!(interner.intern_if(&["a"], || false), None);
        assert_eq!(interner.intern_if(&["a"], || true), Some("a"));
        assert_eq!(interner.intern_if(&["a"], || false), Some("a"));
    }
}
