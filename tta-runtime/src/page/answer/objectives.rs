//! `objectives`: compliance with each objective, and how fast its error budget burns.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::Serialize;

use super::Source;
use super::length::Room;
use super::row::{label, number};
use crate::page::history::{Events, History, Minute, ScoreEvents};
use crate::page::number::ratio;
use crate::schema::Id;
use crate::snapshot::{Row, SiteReading, Snapshot};

#[derive(Serialize)]
pub(super) struct Objectives {
    objectives: Vec<ObjectiveRow>,
    left_out: usize,
}

#[derive(Serialize)]
struct ObjectiveRow {
    primitive: Cow<'static, str>,
    slo: &'static str,
    objective: f64,
    threshold_seconds: Option<f64>,
    threshold_score: Option<f64>,
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
    let mut objectives: Vec<_> = declared.into_iter().map(|((name, slo), of_sites)| of_sites.row(name, slo)).collect();
    objectives.extend(of_evaluations(source, history, snapshot));
    objectives.sort_by(|one, other| (&one.primitive, one.slo).cmp(&(&other.primitive, other.slo)));
    let (objectives, left_out) = Room::new().rows(objectives.into_iter());
    Objectives { objectives, left_out }
}

fn of_evaluations(source: &Source, history: &History, snapshot: &Snapshot) -> Vec<ObjectiveRow> {
    let now = source.recorder.clock.now();
    let events = ScoreEvents::read(snapshot);
    let [five_minutes, hour] = [5, 60].map(|minutes| history.minutes.before(now, minutes));
    let wanted = snapshot.rows(Id::SloObjective).series.iter().filter(|row| label(row, "slo") == "score");
    let row = |wanted: &Row| {
        let name = label(wanted, "primitive_name");
        let [good, bad] = events.of(name);
        let since = |minute: Option<&Minute>| {
            let [good_before, bad_before] = minute.map(|minute| minute.scores.of(name)).unwrap_or_default();
            [good.saturating_sub(good_before), bad.saturating_sub(bad_before)]
        };
        let mut threshold = snapshot.rows(Id::SloScoreThreshold).series.iter();
        ObjectiveRow {
            threshold_score: threshold.find(|row| label(row, "primitive_name") == name).map(number),
            ..ObjectiveRow::new(
                name.to_owned().into(),
                "score",
                number(wanted),
                [since(five_minutes), since(hour), [good, bad]],
            )
        }
    };
    wanted.map(row).collect()
}

impl ObjectiveRow {
    /// Makes the row of an objective from its good and bad events of 5 minutes, of an hour, and since start.
    fn new(primitive: Cow<'static, str>, slo: &'static str, objective: f64, windows: [[u64; 2]; 3]) -> Self {
        let [.., [good, bad]] = windows;
        let compliance = if good + bad == 0 { 1.0 } else { ratio(good, good + bad) };
        let [five_minutes, hour, since_start] = windows.map(|events| burn(events, objective));
        Self {
            primitive,
            slo,
            objective,
            threshold_seconds: None,
            threshold_score: None,
            good,
            bad,
            compliance,
            remaining_budget: 1.0 - (1.0 - compliance) / (1.0 - objective),
            burn: Burn { five_minutes, hour, since_start },
        }
    }
}

/// An objective of one or several functions, with its good and bad events of 5 minutes, of an hour, and since start.
struct Declared {
    percent: f64,
    threshold_seconds: Option<f64>,
    windows: [[u64; 2]; 3],
}

impl Declared {
    fn add(&mut self, other: &Self) {
        let sums = self.windows.iter_mut().flatten();
        sums.zip(other.windows.iter().flatten()).for_each(|(sum, more)| *sum += more);
    }

    fn row(self, name: &'static str, slo: &'static str) -> ObjectiveRow {
        let row = ObjectiveRow::new(name.into(), slo, self.percent / 100.0, self.windows);
        ObjectiveRow { threshold_seconds: self.threshold_seconds, ..row }
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
    let windows = [since(5), since(60), events];
    let rows = ["availability", "latency"].into_iter().zip(declared).enumerate();
    rows.filter_map(move |(place, (slo, declared))| {
        let (percent, threshold_seconds) = declared?;
        let of = |events: &Events| events.0.get(place).copied().unwrap_or_default();
        Some((slo, Declared { percent, threshold_seconds, windows: windows.each_ref().map(of) }))
    })
}

/// Returns the share of bad events by the share that is allowed, `None` without events.
fn burn([good, bad]: [u64; 2], objective: f64) -> Option<f64> {
    (good + bad > 0).then(|| ratio(bad, good + bad) / (1.0 - objective))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use opentelemetry_sdk::Resource;
    use serde_json::{Value, json};

    use crate::llm::{self, Evaluation, ScoreObjective};
    use crate::page::{Answer, Page};
    use crate::testing::Recording;

    const FAITHFUL: ScoreObjective = ScoreObjective::at_least(0.8, 90.0);

    fn judge(scores: &[f64]) {
        for score in scores {
            llm::evaluation(Evaluation::of("faithful").with_score(*score).with_objective(FAITHFUL));
        }
    }

    #[test]
    fn an_evaluation_with_an_objective_has_its_events_and_burns_by_window() {
        let recording = Recording::new();
        let page = Page::new(recording.recorder(), &Resource::builder_empty().build(), 1 << 20);
        let row = || {
            let Ok(Answer::Data(data)) = page.answer("objectives", "") else { panic!("it is a path") };
            let answer: Value = serde_json::from_slice(&data).expect("it is JSON");
            answer["objectives"].as_array().expect("a list").first().cloned()
        };
        recording.run(|| {
            assert_eq!(row(), None);
            // A score that is not from 0 to 1, and no score at all, are no events.
            judge(&[0.8, 0.9, 1.0, 0.79, 1.5]);
            llm::evaluation(Evaluation::of("faithful").with_objective(FAITHFUL));
            page.memory.history().sample(recording.recorder());
            recording.advance(Duration::from_secs(240));
            judge(&[0.1, 0.9]);
        });
        let expected = json!({
            "primitive": "faithful", "slo": "score", "objective": 0.9, "threshold_seconds": null, "threshold_score": 0.8,
            "good": 4, "bad": 2,
        });
        let row = row().expect("it has an objective");
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(row[name], *value, "{name}");
        }
        let near = |value: &Value, expected: f64| value.as_f64().is_some_and(|value| (value - expected).abs() < 1e-9);
        assert!(
            near(&row["compliance"], 4.0 / 6.0) && near(&row["remaining_budget"], 1.0 - (2.0 / 6.0) / 0.1),
            "{row}"
        );
        // One of two since the reading, which is the oldest one.
        assert!(near(&row["burn"]["five_minutes"], 5.0) && near(&row["burn"]["hour"], 5.0), "{row}");
        assert!(near(&row["burn"]["since_start"], (2.0 / 6.0) / 0.1), "{row}");
    }
}
