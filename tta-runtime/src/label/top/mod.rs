//! Labels of the largest: the tenants with the most calls or the highest cost have a series each, all others share one.
//!
//! A label has a fixed number of places, and a series belongs to a place. A snapshot shows it under the name of the tenant that has the
//! place, and without what the tenants before it counted there.

mod folding;
mod places;
mod sketch;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

pub(crate) use self::folding::{Folding, Rising};
use self::places::Places;
use self::places::{PlaceReading, SLOT};
use super::capped::OTHER;
use super::intern::Interner;
use crate::clock::Monotonic;
use crate::text::{LONGEST_LABEL, clean};

/// The most tenants that may have a series each: with those that left the top, and two more, they are fewer than the values of a
/// capped label.
#[cfg(test)]
const MOST: usize = 24;

/// A label of the largest. Labels form a list that only grows, so that reading it takes no lock.
struct TopLabel {
    name: &'static str,
    size: usize,
    places: Places,
    next: OnceLock<Box<TopLabel>>,
}

static FIRST: OnceLock<TopLabel> = OnceLock::new();

/// The values by which the cells of series know a place.
static VALUES: Interner = Interner::new();

/// Returns the value of a call's label: the place of a tenant that is among the `size` largest, or `other`.
#[inline]
pub(crate) fn top(name: &'static str, size: usize, tenant: &str, weight: u64) -> &'static str {
    TopLabel::of(name, size).value(tenant, weight)
}

/// Returns the place that is the value of a recorded label, `None` for any other value.
pub(crate) fn place_of(value: &str) -> Option<PlaceReading> {
    let (number, place) = value.strip_prefix(SLOT)?.split_once(' ')?;
    let (number, place): (usize, usize) = (number.parse().ok()?, place.parse().ok()?);
    all().nth(number)?.places.read(place)
}

/// Returns the text that a label's value stands for; `None` if the names of the places are being ranked, and for a place that is free.
pub(crate) fn shown(value: &'static str) -> Option<Cow<'static, str>> {
    let Some(place) = value.strip_prefix(SLOT) else { return Some(Cow::Borrowed(value)) };
    let (number, place) = place.split_once(' ')?;
    let name = all().nth(number.parse().ok()?)?.places.name_unless_ranked(place.parse().ok()?)?;
    Some(Cow::Owned(name.to_string()))
}

/// Ranks the tenants of every label anew, and takes the places of those that left the top long ago. Returns the number of this round.
pub(crate) fn rank(now: Monotonic) -> u64 {
    static ROUNDS: Mutex<u64> = Mutex::new(0);
    // Held all along: whoever reads series after a later round reads them after the places of this one were taken.
    let mut round = ROUNDS.lock().unwrap_or_else(PoisonError::into_inner);
    *round += 1;
    all().for_each(|label| label.places.rank(now, *round));
    *round
}

/// Keeps other tests from ranking by their own clocks meanwhile: the labels are those of the process.
#[cfg(test)]
pub(crate) fn rank_alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets other tenants have the places that were taken up to a round, except for those in whose series a call runs. All series have to be
/// read between the two.
pub(crate) fn free_drained(round: u64, is_running: impl Fn(&str) -> bool) {
    all().for_each(|label| label.places.free_drained(round, &is_running));
}

/// Returns the most by which a tenant's weight may be too large, by the name of the label; of labels with one name and different sizes,
/// the most of all of them.
pub(crate) fn top_errors() -> BTreeMap<&'static str, u64> {
    let mut errors = BTreeMap::new();
    for label in all() {
        let error = label.places.error();
        errors.entry(label.name).and_modify(|most: &mut u64| *most = error.max(*most)).or_insert(error);
    }
    errors
}

fn all() -> impl Iterator<Item = &'static TopLabel> {
    std::iter::successors(FIRST.get(), |label| label.next.get().map(Box::as_ref))
}

impl TopLabel {
    fn new(number: usize, name: &'static str, size: usize) -> Self {
        let value = |place| VALUES.intern(&[&format!("{SLOT}{number} {place}")]);
        Self { name, size, places: Places::new(size, value), next: OnceLock::new() }
    }

    fn of(name: &'static str, size: usize) -> &'static Self {
        let mut label = FIRST.get_or_init(|| Self::new(0, name, size));
        let mut number = 0;
        while label.name != name || label.size != size {
            number += 1;
            label = label.next.get_or_init(|| Box::new(Self::new(number, name, size)));
        }
        label
    }

    fn value(&self, tenant: &str, weight: u64) -> &'static str {
        let tenant = clean(tenant, LONGEST_LABEL);
        // A tenant of this name could not be told from the others.
        if tenant == OTHER || is_past(&tenant) { OTHER } else { self.places.value(&tenant, weight).unwrap_or(OTHER) }
    }
}

/// The start of the label value of tenants that have no place any more.
const PAST: &str = "other/";

/// Returns whether a label value is that of tenants that have no place any more.
pub(crate) fn is_past(value: &str) -> bool {
    value.strip_prefix(PAST).is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit()))
}
