//! The counts of a place's tenant, without those of the tenants that had the place before.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::PAST;
use super::places::PlaceReading;

/// Counts that only rise.
pub(crate) trait Rising: Clone {
    /// Adds other counts.
    fn add(&mut self, other: &Self);

    /// Returns what was counted since an earlier reading.
    fn since(&self, earlier: &Self) -> Self;

    /// Returns whether nothing was counted.
    fn is_empty(&self) -> bool;

    /// Returns the number of calls that began and have not ended.
    fn running(&self) -> u64;

    /// Returns the counts without the traces of single calls.
    fn without_traces(self) -> Self;

    /// Returns counts that were read some time ago as they would be read now.
    fn in_present_form(self) -> Self;
}

/// The label values of a series.
type Values = Box<[Box<str>]>;

/// The counts of the tenants before the present ones, by series.
///
/// A place has another tenant once the calls of its own have ended, and so each call ends where it began. Their counts stay in the sum, in a
/// series of their own. Its name changes whenever it takes in what another series showed before: it is new then, and Prometheus takes
/// its first value for no increase. Calls that end later add to it under the name that it has.
pub(crate) struct Folding<C> {
    bases: HashMap<Values, Base<C>>,
    /// By the values of the other labels.
    past: HashMap<Values, Past<C>>,
}

/// The counts of tenants that have no place any more.
struct Past<C> {
    counts: C,
    /// The number of times that it took in a series. It is raised along with the counts: no reading shows one without the other, and what
    /// happens to other series does not matter.
    number: u64,
}

struct Base<C> {
    generation: u64,
    /// The counts when the present tenant got the place; `None` for the first one.
    counts: Option<C>,
    /// Whether calls ran at the last reading, while nobody had the place: they are those of the tenant before.
    is_running: bool,
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
        let base = self.bases.entry(values.into()).or_insert(Base { generation, counts: None, is_running: false });
        let since =
            |base: &Base<C>| base.counts.as_ref().map_or_else(|| counts.clone(), |earlier| counts.since(earlier));
        let others = || {
            let mut others: Values = values.into();
            if let Some(place) = others.get_mut(top) {
                *place = "".into();
            }
            others
        };
        let has_moved = base.generation != generation;
        if has_moved || name.is_none() {
            let folded = since(base).without_traces();
            let is_running = name.is_none() && counts.running() > 0;
            *base = Base { generation, counts: Some(counts.clone()), is_running };
            if !folded.is_empty() {
                match self.past.entry(others()) {
                    Entry::Vacant(place) => _ = place.insert(Past { counts: folded, number: 1 }),
                    Entry::Occupied(mut past) => {
                        let past = past.get_mut();
                        past.counts.add(&folded);
                        past.number += u64::from(has_moved);
                    }
                }
            }
        }
        Some((name?, since(base)))
    }

    /// Returns whether calls of a tenant run that has no place any more, in any series of that place.
    pub(crate) fn is_running(&self, place: &str) -> bool {
        let is_of_place = |values: &Values| values.iter().any(|value| **value == *place);
        self.bases.iter().any(|(values, base)| base.is_running && is_of_place(values))
    }

    /// Iterates over what tenants counted that have no place any more: the label values without that of the place, the value that stands
    /// in its stead, and the counts.
    pub(crate) fn past(&self) -> impl Iterator<Item = (&[Box<str>], String, C)> {
        self.past.iter().map(|(values, Past { counts, number })| {
            (&**values, format!("{PAST}{number}"), counts.clone().in_present_form())
        })
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

    fn running(&self) -> u64 {
        0
    }

    fn without_traces(self) -> Self {
        self
    }

    fn in_present_form(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Folding, PlaceReading};
    use crate::clock::{Clock, Monotonic};
    use crate::id::SpanIds;
    use crate::metric::{Bounds, CallCell, CallCounts, Sampled};
    use crate::outcome::Outcome;

    const PLACE: &str = "\u{1}0 0";

    /// A series of calls in a place.
    struct Series {
        cell: CallCell,
        folding: Folding<CallCounts>,
    }

    impl Series {
        fn new() -> Self {
            Self { cell: CallCell::new(&Arc::new(Bounds::new(&[0.001], 1e9))), folding: Folding::default() }
        }

        fn counts(&mut self, name: Option<&str>, generation: u64) -> (Option<CallCounts>, Option<CallCounts>) {
            self.counts_in(name, generation, |counts| counts)
        }

        /// Reads the counts in a form.
        fn counts_in(
            &mut self,
            name: Option<&str>,
            generation: u64,
            form: fn(CallCounts) -> CallCounts,
        ) -> (Option<CallCounts>, Option<CallCounts>) {
            let place = PlaceReading { name: name.map(Into::into), generation };
            let counts = form(self.cell.read(Clock::System.anchor()));
            let present = self.folding.present(&[PLACE.into()], 0, place, &counts);
            (present.map(|(_, counts)| counts), self.folding.past().next().map(|(.., counts)| counts))
        }

        /// Returns the successes and the calls in progress of the tenant, and those of the tenants before.
        fn read(&mut self, name: Option<&str>, generation: u64) -> [Option<(u64, u64)>; 2] {
            let (present, past) = self.counts(name, generation);
            [present, past].map(|counts| counts.map(|counts| (counts.ended[0], counts.active())))
        }

        /// Counts the end of a sampled call.
        fn end(&self, span: SpanIds) {
            self.cell.end(Outcome::Success, 500);
            self.cell.set_exemplar(Outcome::Success, 500, Sampled { span, at: Monotonic(0) });
        }
    }

    #[test]
    fn a_call_that_outlives_its_place_ends_among_those_of_past_tenants_before_another_comes() {
        let mut series = Series::new();
        (0..2).for_each(|_| series.cell.start());
        series.cell.end(Outcome::Success, 500);
        assert_eq!(series.read(Some("a"), 0), [Some((1, 1)), None]);
        assert!(!series.folding.is_running(PLACE), "it has its place");
        for _ in 0..2 {
            assert_eq!(series.read(None, 1), [None, Some((1, 1))]);
            assert!(series.folding.is_running(PLACE));
        }
        series.cell.end(Outcome::Success, 500);
        assert!(series.folding.is_running(PLACE), "this end was not read yet");
        assert_eq!(series.read(None, 1), [None, Some((2, 0))]);
        assert!(!series.folding.is_running(PLACE));
        series.cell.start();
        assert_eq!(series.read(Some("b"), 1), [Some((0, 1)), Some((2, 0))]);
        series.cell.end(Outcome::Success, 500);
        assert_eq!(series.read(Some("b"), 1), [Some((1, 0)), Some((2, 0))]);
    }

    #[test]
    fn a_tenant_never_has_the_traces_of_calls_that_ended_before_it_came() {
        let mut series = Series::new();
        let [first, second] = [1, 2].map(|n| SpanIds::remote(n, 1, true));
        series.cell.start();
        series.end(first);
        let spans = |counts: Option<CallCounts>| -> Vec<SpanIds> {
            counts.into_iter().flat_map(|counts| counts.all.exemplars).flatten().map(|exemplar| exemplar.span).collect()
        };
        assert_eq!(spans(series.counts(Some("a"), 0).0), [first]);
        series.counts(None, 1);
        // A call without a trace in the same bucket.
        series.cell.start();
        assert!(spans(series.counts(Some("b"), 1).0).is_empty());
        series.cell.end(Outcome::Success, 500);
        let (present, past) = series.counts(Some("b"), 1);
        assert!(spans(present).is_empty());
        assert!(spans(past).is_empty(), "nor have all those that left");
        series.cell.start();
        series.end(second);
        assert_eq!(spans(series.counts(Some("b"), 1).0), [second]);
    }

    #[test]
    fn native_histograms_that_are_switched_on_have_the_calls_of_each_tenant_and_of_those_that_left_before() {
        let mut series = Series::new();
        let end = |series: &Series, calls: u64| {
            for _ in 0..calls {
                series.cell.start();
                series.cell.end(Outcome::Success, 500);
            }
        };
        let native = |counts: Option<CallCounts>| {
            let buckets =
                counts.expect("it is there").all.histogram.exponential.map(|native| (native.buckets, native.sum));
            buckets.map(|(buckets, sum)| (buckets.iter().map(|(_, n)| n).sum::<u64>(), sum))
        };
        end(&series, 3);
        assert_eq!(native(series.counts(Some("a"), 0).0), None, "they are off");
        series.counts(None, 1);
        end(&series, 2);
        assert_eq!(native(series.counts(Some("b"), 1).0), None);
        end(&series, 1);
        let (present, past) = series.counts_in(Some("b"), 1, CallCounts::in_both_kinds);
        assert_eq!(native(present), Some((3, 1_500)));
        assert_eq!(native(past.map(CallCounts::in_both_kinds)), Some((3, 1_500)));
        let (_, past) = series.counts_in(None, 2, CallCounts::in_both_kinds);
        assert_eq!(native(past), Some((6, 3_000)));
    }

    #[test]
    fn the_counts_of_tenants_that_left_stay_in_the_sum_and_apart_from_those_who_came() {
        let mut folding = Folding::<u64>::default();
        let values = ["eu".into(), "\u{1}0 0".into()];
        let place = |name: Option<&str>, generation| PlaceReading { name: name.map(Into::into), generation };
        let mut read = |name, generation, counts| {
            let present = folding.present(&values, 1, place(name, generation), &counts);
            let past: Vec<_> = folding.past().map(|(values, name, counts)| (values.join("|"), name, counts)).collect();
            (present.map(|(name, counts)| (name.to_string(), counts)), past)
        };
        let past = |name: &str, n| vec![("eu|".to_owned(), name.to_owned(), n)];
        assert_eq!(read(Some("a"), 0, 5), (Some(("a".into(), 5)), vec![]));
        assert_eq!(read(Some("a"), 0, 8), (Some(("a".into(), 8)), vec![]));
        assert_eq!(read(None, 1, 8), (None, past("other/1", 8)));
        assert_eq!(
            read(None, 1, 9),
            (None, past("other/1", 9)),
            "a call that began before is in the sum, as an increase"
        );
        assert_eq!(read(Some("b"), 1, 10), (Some(("b".into(), 1)), past("other/1", 9)));
        assert_eq!(read(Some("c"), 2, 10), (Some(("c".into(), 0)), past("other/2", 10)));
        assert_eq!(
            read(Some("d"), 3, 10),
            (Some(("d".into(), 0)), past("other/2", 10)),
            "the one before counted nothing"
        );
        assert_eq!(read(Some("e"), 5, 14), (Some(("e".into(), 0)), past("other/3", 14)));
    }

    #[test]
    fn a_series_of_past_tenants_is_renamed_by_what_it_takes_in_and_by_nothing_else() {
        let mut folding = Folding::<u64>::default();
        let mut read =
            |region: &str, place: &str, name: Option<&str>, generation, counts| -> Vec<(String, String, u64)> {
                let values = [region.into(), place.into()];
                let place = PlaceReading { name: name.map(Into::into), generation };
                folding.present(&values, 1, place, &counts);
                let past = folding.past().map(|(values, name, counts)| (values.join("|"), name, counts));
                let mut past: Vec<_> = past.collect();
                past.sort();
                past
            };
        let row = |region: &str, name: &str, n| (region.to_owned(), name.to_owned(), n);
        for region in ["eu", "us"] {
            read(region, PLACE, Some("a"), 0, 1);
            read(region, "\u{1}0 1", Some("b"), 0, 2);
        }
        assert_eq!(read("eu", PLACE, None, 1, 1), [row("eu|", "other/1", 1)]);
        assert_eq!(read("us", PLACE, None, 1, 1), [row("eu|", "other/1", 1), row("us|", "other/1", 1)]);
        assert_eq!(read("us", "\u{1}0 1", None, 1, 2), [row("eu|", "other/1", 1), row("us|", "other/2", 3)]);
        // All calls there were made since the last reading, and no series has shown them.
        assert_eq!(read("us", "\u{1}0 2", None, 1, 4), [row("eu|", "other/1", 1), row("us|", "other/2", 7)]);
    }
}
