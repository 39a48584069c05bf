//! `objectives`: compliance with each objective, and how fast its error budget burns.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::Serialize;

use super::Source;
use crate::page::history::{Events, History};
use crate::page::number::ratio;
use crate::snapshot::{SiteReading, Snapshot};

#[derive(Serialize)]
pub(super) struct Objectives {
    objectives: Vec<ObjectiveRow>,
}

#[derive(Serialize)]
struct ObjectiveRow {
    primitive: &'static str,
    slo: &'static str,
    objective: f64,
    threshold_seconds: Option<f64>,
    good: u64,
    bad: u64,
    compliance: f64,
    remaining_budget: f64,
    burn: Burn,
}

#[derive(Serialize)]
struct Burn {
    five_minutes: Option<f64>,
    hour: Option<f64>,
    since_start: Option<f64>,
}

pub(super) fn objectives(source: &Source, history: &History, snapshot: &Snapshot) -> Objectives {
    let mut declared: BTreeMap<(&'static str, &'static str), Declared> = BTreeMap::new();
    for site in snapshot.sites() {
        for (slo, of_site) in of_site(site, source, history) {
            // Functions of one name have one series in the metrics, too, with the objective of the first one.
            match declared.entry((site.constants.name, slo)) {
                Entry::Vacant(first) => drop(first.insert(of_site)),
                Entry::Occupied(mut known) => known.get_mut().add(&of_site),
            }
        }
    }
    Objectives { objectives: declared.into_iter().map(|((primitive, slo), of)| row(primitive, slo, &of)).collect() }
}

/// An objective with its events, good and bad, of each span of time.
struct Declared {
    percent: f64,
    threshold_seconds: Option<f64>,
    five_minutes: [u64; 2],
    hour: [u64; 2],
    since_start: [u64; 2],
}

impl Declared {
    fn add(&mut self, other: &Self) {
        for (sums, more) in [
            (&mut self.five_minutes, other.five_minutes),
            (&mut self.hour, other.hour),
            (&mut self.since_start, other.since_start),
        ] {
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
    }
}

fn of_site(
    site: &SiteReading,
    source: &Source,
    history: &History,
) -> impl Iterator<Item = (&'static str, Declared)> + use<> {
    let slo = site.constants.slo;
    let latency = slo.latency.map(|latency| (latency.percent, Some(latency.threshold_seconds)));
    let declared = [slo.availability.map(|percent| (percent, None)), latency];
    let events = Events::of(site);
    let now = source.recorder.clock.now();
    let since = |minutes| match history.minutes.before(now, minutes) {
        Some(minute) => events.since(minute.events(site.constants)),
        None => events,
    };
    let windows = [since(5), since(60), events].map(|Events(events)| events);
    let [five_minutes, hour, since_start] = windows;
    let of_each = five_minutes.into_iter().zip(hour).zip(since_start);
    let rows = ["availability", "latency"].into_iter().zip(declared).zip(of_each);
    rows.filter_map(|((slo, declared), ((five_minutes, hour), since_start))| {
        let (percent, threshold_seconds) = declared?;
        Some((slo, Declared { percent, threshold_seconds, five_minutes, hour, since_start }))
    })
}

fn row(primitive: &'static str, slo: &'static str, declared: &Declared) -> ObjectiveRow {
    let objective = declared.percent / 100.0;
    let [good, bad] = declared.since_start;
    let compliance = if good + bad == 0 { 1.0 } else { ratio(good, good + bad) };
    ObjectiveRow {
        primitive,
        slo,
        objective,
        threshold_seconds: declared.threshold_seconds,
        good,
        bad,
        compliance,
        remaining_budget: 1.0 - (1.0 - compliance) / (1.0 - objective),
        burn: Burn {
            five_minutes: burn(declared.five_minutes, objective),
            hour: burn(declared.hour, objective),
            since_start: burn(declared.since_start, objective),
        },
    }
}

/// Returns the share of bad events by the share that is allowed, `None` without events.
fn burn([good, bad]: [u64; 2], objective: f64) -> Option<f64> {
    (good + bad > 0).then(|| ratio(bad, good + bad) / (1.0 - objective))
}
