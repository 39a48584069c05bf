//! The series of the largest under the names of those who have them now.

use crate::label::top::{Folding, Rising, place_of};

/// Returns the label values and the counts of each series: places become the names of their tenants, and what earlier tenants counted
/// there becomes a series of its own. `top` is the index of the label.
pub(super) fn unfold<'a, C: Rising>(
    folding: &mut Folding<C>,
    top: usize,
    recorded: impl IntoIterator<Item = (&'a [Box<str>], C)>,
) -> Vec<(Vec<String>, C)> {
    let named = |values: &[Box<str>], name: &str| {
        let mut values: Vec<String> = values.iter().map(ToString::to_string).collect();
        if let Some(value) = values.get_mut(top) {
            name.clone_into(value);
        }
        values
    };
    let mut series = Vec::new();
    for (values, counts) in recorded {
        match values.get(top).and_then(|value| place_of(value)) {
            Some(place) => {
                let present = folding.present(values, top, place, &counts);
                series.extend(present.map(|(name, counts)| (named(values, &name), counts)));
            }
            None => series.push((named(values, values.get(top).map_or("", |value| value)), counts)),
        }
    }
    series.extend(folding.past().map(|(values, past, counts)| (named(values, &past), counts)));
    series
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use proptest::prelude::*;

    use super::unfold;
    use crate::clock::Monotonic;
    use crate::label::top::{Folding, free_drained, rank, rank_alone, top};

    #[derive(Clone, Debug)]
    enum Event {
        /// This tenant makes so many calls.
        Calls(u64, u64),
        /// So many minutes pass, and a scrape reads all series.
        Scrape(u64),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            5 => (0_u64..12, 1_u64..40).prop_map(|(tenant, calls)| Event::Calls(tenant, calls)),
            2 => (1_u64..50).prop_map(Event::Scrape),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn sums_are_exact_and_no_series_rises_by_more_than_the_calls_between_two_scrapes(
            events in proptest::collection::vec(event(), 1..300),
        ) {
            let _alone = rank_alone();
            // Each case has a label of its own.
            let label: &'static str = Box::leak(format!("unfold-{}", fastrand::u64(..)).into_boxed_str());
            let (mut cells, mut folding) = (HashMap::<&'static str, u64>::new(), Folding::default());
            let mut before: BTreeMap<String, u64> = BTreeMap::new();
            let (mut made, mut at_scrape, mut minutes) = (0, 0, 0);
            for event in events {
                match event {
                    Event::Calls(tenant, calls) => {
                        for _ in 0..calls {
                            *cells.entry(top(label, 2, &format!("t{tenant}"), 1)).or_default() += 1;
                        }
                        made += calls;
                    }
                    Event::Scrape(later) => {
                        minutes += later;
                        let round = rank(Monotonic(minutes * 60_000_000_000));
                        let sets: Vec<_> = cells.iter().map(|(value, n)| (Box::from([Box::from(*value)]), *n)).collect();
                        let sets = sets.iter().map(|(values, n): &(Box<[Box<str>]>, u64)| (&**values, *n));
                        let unfolded = unfold(&mut folding, 0, sets);
                        free_drained(round, |_| false);
                        let series: BTreeMap<_, _> = unfolded.iter().map(|(values, n)| (values[0].clone(), *n)).collect();
                        prop_assert_eq!(series.len(), unfolded.len(), "no name is there twice");
                        prop_assert!(series.len() <= 6, "two, twice as many places, and the others");
                        prop_assert_eq!(series.values().sum::<u64>(), made);
                        // What `increase` sees of the series that both scrapes have.
                        for (name, n) in &series {
                            if let Some(earlier) = before.get(name) {
                                prop_assert!(n >= earlier, "{} falls from {} to {}", name, earlier, n);
                                prop_assert!(n - earlier <= made - at_scrape, "{} rises by {}", name, n - earlier);
                            }
                        }
                        (before, at_scrape) = (series, made);
                    }
                }
            }
        }
    }
}
