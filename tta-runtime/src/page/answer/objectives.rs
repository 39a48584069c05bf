//! `objectives`: compliance with each objective, and how fast its error budget burns.

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
    let mut objectives: Vec<_> =
        snapshot.sites().iter().flat_map(|site| of_site(site, source, history)).flatten().collect();
    objectives.sort_by_key(|objective| (objective.primitive, objective.slo));
    Objectives { objectives }
}

fn of_site(site: &SiteReading, source: &Source, history: &History) -> [Option<ObjectiveRow>; 2] {
    let slo = site.constants.slo;
    let latency = slo.latency.map(|latency| (latency.percent, Some(latency.threshold_seconds)));
    let declared = [slo.availability.map(|percent| (percent, None)), latency];
    let events = Events::of(site);
    let now = source.recorder.clock.now();
    let since = |minutes| match history.minutes.before(now, minutes) {
        Some(minute) => events.since(minute.events(site.constants)),
        None => events,
    };
    let windows = [since(5), since(60), events];
    let row = |place: usize, slo: &'static str| {
        let (percent, threshold_seconds) = (*declared.get(place)?)?;
        let objective = percent / 100.0;
        let of = |events: &Events| events.0.get(place).copied().unwrap_or_default();
        let [good, bad] = of(&events);
        let compliance = if good + bad == 0 { 1.0 } else { ratio(good, good + bad) };
        let [five_minutes, hour, since_start] = windows.each_ref().map(|events| burn(of(events), objective));
        Some(ObjectiveRow {
            primitive: site.constants.name,
            slo,
            objective,
            threshold_seconds,
            good,
            bad,
            compliance,
            remaining_budget: 1.0 - (1.0 - compliance) / (1.0 - objective),
            burn: Burn { five_minutes, hour, since_start },
        })
    };
    [row(0, "availability"), row(1, "latency")]
}

/// Returns the share of bad events by the share that is allowed, `None` without events.
fn burn([good, bad]: [u64; 2], objective: f64) -> Option<f64> {
    (good + bad > 0).then(|| ratio(bad, good + bad) / (1.0 - objective))
}
