//! The label sets that calls of one function have had, found without hashing or comparing texts.

use std::sync::OnceLock;

/// What belongs to each label set, by the addresses of its values.
///
/// Most functions have few label sets. Those that find no place are looked up by their texts for each call.
pub(crate) struct KnownSets<S: 'static, const PLACES: usize = 32>(OnceLock<Box<[OnceLock<Known<S>>; PLACES]>>);

/// The number of places that a label set may take.
const PROBES: usize = 2;

struct Known<S: 'static> {
    values: Box<[&'static str]>,
    set: &'static S,
}

impl<S, const PLACES: usize> KnownSets<S, PLACES> {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Returns what belongs to a remembered label set.
    #[inline]
    pub(crate) fn get(&self, values: &[&'static str]) -> Option<&'static S> {
        let places = self.0.get()?;
        let known = probed(&**places, values).map_while(OnceLock::get);
        known.filter(|known| known.is(values)).map(|known| known.set).next()
    }

    /// Remembers a label set, while there is a place for it.
    #[cold]
    pub(crate) fn remember(&self, values: &[&'static str], set: &'static S) {
        let places = self.0.get_or_init(|| Box::new([const { OnceLock::new() }; PLACES]));
        for place in probed(&**places, values) {
            // Another thread may take the free place first, even with the same label set.
            if place.get_or_init(|| Known { values: values.into(), set }).is(values) {
                return;
            }
        }
    }
}

/// Returns the places that a label set may take.
#[inline]
fn probed<'a, P>(places: &'a [P], values: &[&'static str]) -> impl Iterator<Item = &'a P> + use<'a, P> {
    // Addresses differ in bits that a multiplication spreads to the upper ones.
    let spread = |hash: u64, value: &&str| (hash ^ value.as_ptr().addr() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let first = (values.iter().fold(0, spread) >> 32) as usize;
    (0..PROBES).filter_map(move |probe| places.get((first + probe) % places.len()))
}

impl<S> Known<S> {
    /// Returns whether these are the values. They live as long as the program: their addresses are compared, not their texts.
    #[inline]
    fn is(&self, values: &[&'static str]) -> bool {
        let are_same = |(one, other): (&&str, &&str)| std::ptr::eq(*one, *other);
        self.values.len() == values.len() && self.values.iter().zip(values).all(are_same)
    }
}

#[cfg(test)]
mod tests {
    use super::KnownSets;

    #[test]
    fn a_label_set_is_found_again_and_no_other_one_has_its_place() {
        const PLACES: usize = 32;
        let sets: KnownSets<[&str; 2], PLACES> = KnownSets::new();
        let texts: Vec<&'static str> = (0..=PLACES).map(|n| &*n.to_string().leak()).collect();
        let all: Vec<[&'static str; 2]> =
            texts.iter().flat_map(|&one| texts.iter().take(4).map(move |&two| [one, two])).collect();
        assert_eq!(sets.get(&all[0]), None);
        for set in &all {
            sets.remember(set, Box::leak(Box::new(*set)));
        }
        let found: Vec<_> = all.iter().filter_map(|set| Some((*set, *sets.get(set)?))).collect();
        assert!(found.iter().all(|(wanted, found)| wanted == found), "{found:?}");
        assert!((PLACES / 2..=PLACES).contains(&found.len()), "{} of {} have a place", found.len(), all.len());
        // The same text elsewhere is looked up by its text.
        let [one, two] = all[0];
        assert_eq!(sets.get(&[one.to_owned().leak(), two]), None);
        assert_eq!(sets.get(&[one]), None);
    }
}
