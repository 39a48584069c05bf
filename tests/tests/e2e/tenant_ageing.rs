//! A day in which tenants leave the top and are folded into the others, as a real Prometheus sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

use crate::child::{run, subject};
use crate::prometheus::Prometheus;

/// The seconds between two scrapes.
const INTERVAL: u64 = 15;

/// The calls to `serve` between two scrapes, and so two a second.
const CALLS: u64 = 30;

/// The seconds of the day.
const DAY: u64 = 24 * 3_600;

/// The time of the first scrape, in seconds since the Unix epoch.
const START: u64 = 1_700_000_000;

/// A value of a series at a scrape.
struct Sample {
    /// The name with the labels.
    series: String,
    number: u64,
    /// In seconds since the first scrape.
    at: u64,
}

impl Sample {
    fn of(line: &str) -> Self {
        let mut parts = line.rsplitn(3, ' ');
        let mut number = || parts.next().and_then(|part| part.parse::<u64>().ok()).expect("a whole number");
        let (at, number) = (number(), number());
        Self { series: parts.next().expect("a series").to_owned(), number, at }
    }

    fn label(&self, name: &str) -> Option<&str> {
        self.series.split_once(&format!("{name}=\""))?.1.split('"').next()
    }

    fn is_success_of_serve(&self) -> bool {
        self.label("primitive_name") == Some("serve") && self.label("status") == Some("success")
    }
}

/// Returns the samples of a day.
fn day() -> Vec<Sample> {
    let finished = run(&mut subject("aging_tenants"));
    finished.stdout.lines().map(Sample::of).collect()
}

#[test]
fn sums_are_exact_and_counters_never_fall_while_tenants_come_and_go() {
    let samples = day();
    let mut latest: BTreeMap<&str, u64> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.series.starts_with("tta_primitive_executions_total")) {
        let before = latest.insert(&sample.series, sample.number).unwrap_or(0);
        assert!(sample.number >= before, "{} falls from {before} to {}", sample.series, sample.number);
    }
    let mut at_scrape: BTreeMap<u64, (u64, BTreeSet<&str>)> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.is_success_of_serve()) {
        let (sum, tenants) = at_scrape.entry(sample.at).or_default();
        *sum += sample.number;
        tenants.insert(sample.label("tenant").expect("it has a tenant"));
    }
    assert_eq!(at_scrape.len() as u64, DAY / INTERVAL);
    for (at, (sum, tenants)) in &at_scrape {
        assert_eq!(*sum, (at / INTERVAL + 1) * CALLS, "at {at}");
        assert!(tenants.len() <= 6, "two, two that left, and all others in two series: {tenants:?}");
    }
    let seen: BTreeSet<_> = at_scrape.values().flat_map(|(_, tenants)| tenants.iter().copied()).collect();
    let count = |start: &str| seen.iter().filter(|tenant| tenant.starts_with(start)).count();
    assert!(count("large-") >= 16 && count("other/") >= 8, "{seen:?}");
}

#[test]
fn a_call_that_outlives_the_series_of_its_tenant_never_ends_in_that_of_another() {
    let samples = day();
    let watched = |status: &str| {
        let of_watch = |sample: &&Sample| {
            sample.label("primitive_name") == Some("watch")
                && sample.label("status") == Some(status)
                && sample.number > 0
        };
        let tenants = samples.iter().filter(of_watch).map(|sample| sample.label("tenant").expect("it has a tenant"));
        tenants.map(|tenant| tenant.split('/').next().unwrap_or_default()).collect::<BTreeSet<_>>()
    };
    // All of them are cancelled, when hours have passed since their tenants left.
    assert_eq!(watched("cancelled"), BTreeSet::from(["other"]));
    assert_eq!(watched("success"), BTreeSet::new());
    let active = samples.iter().filter(|sample| sample.series.starts_with("tta_primitive_active"));
    let most =
        active.filter(|sample| sample.label("primitive_name") == Some("watch")).map(|sample| sample.number).max();
    assert_eq!(most, Some(2));
}

#[test]
fn rate_and_increase_over_the_sum_never_jump_when_a_tenant_leaves_and_is_folded() {
    let mut past = "# TYPE tta_primitive_executions counter\n".to_owned();
    let mut samples: Vec<_> = day().into_iter().filter(Sample::is_success_of_serve).collect();
    samples.sort_by(|one, other| (&one.series, one.at).cmp(&(&other.series, other.at)));
    for Sample { series, number, at } in &samples {
        writeln!(past, "{series} {number} {}", START + at).expect("a text takes all");
    }
    past += "# EOF\n";
    let server =
        Prometheus::of_files_and_past(&[("prometheus.yml", "global: {scrape_interval: 15s}\n".to_owned())], &past);
    server.wait_for("vector(1)", "1");
    let over_the_day = |query: &str, from: u64| -> Vec<f64> {
        let (start, end) = ((START + from).to_string(), (START + DAY - INTERVAL).to_string());
        let parameters = [("query", query), ("start", &start), ("end", &end), ("step", "15")];
        let answer = server.answer("query_range", &parameters).expect("it answers");
        let values = answer.pointer("/data/result/0/values").and_then(Value::as_array).expect("one series");
        values.iter().filter_map(|value| value[1].as_str()?.parse().ok()).collect()
    };
    let metric = r#"tta_primitive_executions_total{primitive_name="serve"}"#;
    // A series that is new has no increase up to its first value: what two large tenants call in an interval may be missing from a window, and
    // nothing is ever counted twice. The last digit is that of floating point.
    let missing = 2.0 / 3.0 * CALLS as f64;
    let check = |query: String, from: u64, calls: f64, exact: f64| {
        let values = over_the_day(&query, from);
        assert_eq!(values.len() as u64, (DAY - INTERVAL - from) / 15 + 1, "{query} has a value at each step");
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(0.0, f64::max);
        eprintln!("{query}: {least:.4} to {most:.4}, exact {exact}");
        let lowest = exact * (1.0 - missing / calls);
        let is_within = least >= lowest * (1.0 - 1e-9) && most <= exact * (1.0 + 1e-9);
        assert!(is_within, "{query}: {least} to {most} instead of {lowest} to {exact}");
    };
    check(format!("sum(rate({metric}[5m]))"), 600, 600.0, 2.0);
    check(format!("sum(increase({metric}[10m]))"), 1_200, 1_200.0, 1_200.0);
    check(format!("sum(increase({metric}[1h]))"), 7_200, 7_200.0, 7_200.0);
    let resets = format!("max(resets({metric}[1d]))");
    assert_eq!(over_the_day(&resets, DAY - INTERVAL), [0.0]);
}
