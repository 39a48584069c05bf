//! The counts of a place's tenant, without those of the tenants that had the place before.

use std::collections::HashMap;
use std::sync::Arc;

use super::places::PlaceReading;

/// Counts that only rise.
pub(crate) trait Rising: Clone {
    /// Adds other counts.
    fn add(&mut self, other: &Self);

    /// Returns what was counted since an earlier reading.
    fn since(&self, earlier: &Self) -> Self;

    /// Returns whether nothing was counted.
    fn is_empty(&self) -> bool;
}

/// The label values of a series.
type Values = Box<[Box<str>]>;

/// What the tenants before the present ones have counted, by series.
///
/// Their counts stay in the sum, in a series of their own, whose name changes whenever it takes in others: it is new then, and Prometheus takes
/// its first value for no increase.
pub(crate) struct Folding<C> {
    bases: HashMap<Values, Base<C>>,
    /// By the values of the other labels.
    past: HashMap<Values, C>,
}

struct Base<C> {
    generation: u64,
    /// The counts when the present tenant got the place; `None` for the first one.
    counts: Option<C>,
}

impl<C> Default for Folding<C> {
    fn default() -> Self {
        Self { bases: HashMap::new(), past: HashMap::new() }
    }
}

impl<C: Rising> Folding<C> {
    /// Returns the tenant of a series and what it counted, `None` if nobody has the place. `top` is the index of the label.
    pub(crate) fn present(
        &mut self,
        values: &[Box<str>],
        top: usize,
        place: PlaceReading,
        counts: &C,
    ) -> Option<(Arc<str>, C)> {
        let PlaceReading { name, generation } = place;
        let base = self.bases.entry(values.into()).or_insert(Base { generation, counts: None });
        let since =
            |base: &Base<C>| base.counts.as_ref().map_or_else(|| counts.clone(), |earlier| counts.since(earlier));
        if base.generation != generation || name.is_none() {
            let folded = since(base);
            *base = Base { generation, counts: Some(counts.clone()) };
            if !folded.is_empty() {
                let mut others: Values = values.into();
                if let Some(place) = others.get_mut(top) {
                    *place = "".into();
                }
                self.past.entry(others).and_modify(|past| past.add(&folded)).or_insert(folded);
            }
        }
        Some((name?, since(base)))
    }

    /// Iterates over what tenants counted that have no place any more, by label values without that of the place.
    pub(crate) fn past(&self) -> impl Iterator<Item = (&[Box<str>], &C)> {
        self.past.iter().map(|(values, counts)| (&**values, counts))
    }
}

impl Rising for u64 {
    fn add(&mut self, other: &Self) {
        *self = self.saturating_add(*other);
    }

    fn since(&self, earlier: &Self) -> Self {
        self.saturating_sub(*earlier)
    }

    fn is_empty(&self) -> bool {
        *self == 0
    }
}

#[cfg(test)]
mod tests {
    use super::{Folding, PlaceReading};

    #[test]
    fn the_counts_of_tenants_that_left_stay_in_the_sum_and_apart_from_those_who_came() {
        let mut folding = Folding::<u64>::default();
        let values = ["eu".into(), "\u{1}0 0".into()];
        let place = |name: Option<&str>, generation| PlaceReading { name: name.map(Into::into), generation };
        let mut read = |name, generation, counts| {
            let present = folding.present(&values, 1, place(name, generation), &counts);
            let past: Vec<_> = folding.past().map(|(values, counts)| (values.join("|"), *counts)).collect();
            (present.map(|(name, counts)| (name.to_string(), counts)), past)
        };
        let past = |n| vec![("eu|".to_owned(), n)];
        assert_eq!(read(Some("a"), 0, 5), (Some(("a".into(), 5)), vec![]));
        assert_eq!(read(Some("a"), 0, 8), (Some(("a".into(), 8)), vec![]));
        assert_eq!(read(None, 1, 8), (None, past(8)));
        assert_eq!(read(None, 1, 9), (None, past(9)), "a call that began before is in the sum");
        assert_eq!(read(Some("b"), 1, 10), (Some(("b".into(), 1)), past(9)));
        assert_eq!(read(Some("c"), 3, 14), (Some(("c".into(), 0)), past(14)));
    }
}
