//! A day in which tenants leave the top and are folded into the others, as a real Prometheus sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::LazyLock;

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

/// The milliseconds that a third of the calls to `serve` take each, and the bounds of their buckets.
const TIMES: [(u64, &str); 3] = [(5, "0.01"), (50, "0.1"), (300, "+Inf")];

/// A value of a series at a scrape.
struct Sample {
    /// The name with the labels.
    series: String,
    /// Whole; that of a sum is in milliseconds.
    number: u64,
    /// In seconds since the first scrape.
    at: u64,
}

impl Sample {
    fn of(line: &str) -> Self {
        let mut parts = line.rsplitn(3, ' ');
        let mut number = || parts.next().and_then(|part| part.parse::<f64>().ok()).expect("a number");
        let (at, number) = (number(), number());
        let series = parts.next().expect("a series").to_owned();
        let number = if series.starts_with("tta_execution_duration_seconds_sum") { number * 1e3 } else { number };
        assert!((number - number.round()).abs() < 1e-6, "{line}");
        Self { series, number: number.round() as u64, at: at as u64 }
    }

    fn label(&self, name: &str) -> Option<&str> {
        self.series.split_once(&format!("{name}=\""))?.1.split('"').next()
    }

    fn is_success_of_serve(&self) -> bool {
        self.label("primitive_name") == Some("serve") && self.label("status") == Some("success")
    }

    /// Returns the part of a histogram that this is: the bound of a bucket, `sum` or `count`.
    fn part_of_histogram(&self) -> Option<&str> {
        let part = self.series.strip_prefix("tta_execution_duration_seconds_")?.split('{').next()?;
        if part == "bucket" { self.label("le") } else { Some(part) }
    }
}

/// Returns the samples of a day, which is the same for all tests.
fn day() -> &'static [Sample] {
    static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
        let finished = run(&mut subject("aging_tenants"));
        finished.stdout.lines().map(Sample::of).collect()
    });
    &SAMPLES
}

#[test]
fn sums_are_exact_and_counters_never_fall_while_tenants_come_and_go() {
    let samples = day();
    let mut latest: BTreeMap<&str, u64> = BTreeMap::new();
    let is_gauge = |sample: &Sample| sample.series.starts_with("tta_primitive_active");
    for sample in samples.iter().filter(|sample| !is_gauge(sample)) {
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
fn the_histograms_of_all_tenants_add_up_at_each_scrape_and_each_tenant_has_its_own_buckets() {
    let mut sums: BTreeMap<u64, BTreeMap<String, u64>> = BTreeMap::new();
    let mut of_tenants: BTreeMap<(u64, String), BTreeMap<String, u64>> = BTreeMap::new();
    for sample in day().iter().filter(|sample| sample.label("primitive_name") == Some("serve")) {
        let Some(part) = sample.part_of_histogram() else { continue };
        let tenant = sample.label("tenant").expect("it has a tenant").to_owned();
        *sums.entry(sample.at).or_default().entry(part.to_owned()).or_default() += sample.number;
        let before = of_tenants.entry((sample.at, tenant)).or_default().insert(part.to_owned(), sample.number);
        assert_eq!(before, None, "{} is there twice", sample.series);
    }
    assert_eq!(sums.len() as u64, DAY / INTERVAL);
    let [(short, small), (middle, medium), (long, large)] = TIMES;
    for (at, parts) in &sums {
        let third = (at / INTERVAL + 1) * CALLS / 3;
        let expected = [
            (small, third),
            (medium, 2 * third),
            (large, 3 * third),
            ("count", 3 * third),
            ("sum", (short + middle + long) * third),
        ];
        assert_eq!(parts, &expected.map(|(part, number)| (part.to_owned(), number)).into(), "at {at}");
    }
    for ((at, tenant), parts) in &of_tenants {
        let [below_small, below_medium, all, sum] = [small, medium, "count", "sum"].map(|part| parts[part]);
        assert_eq!(parts[large], all, "{tenant} at {at}");
        let times = short * below_small + middle * (below_medium - below_small) + long * (all - below_medium);
        assert_eq!(sum, times, "{tenant} at {at}");
        // Each large tenant has calls of one length alone, and those before it in its place had others.
        if let Some(number) = tenant.strip_prefix("large-").and_then(|number| number.parse::<u64>().ok()) {
            let own = if number.is_multiple_of(2) { below_small } else { below_medium - below_small };
            assert_eq!(own, all, "{tenant} at {at}");
        }
    }
    let folded: BTreeSet<_> = of_tenants.keys().filter(|(_, tenant)| tenant.starts_with("other/")).collect();
    assert!(folded.len() > 1_000, "{}", folded.len());
}

#[test]
fn the_series_of_past_tenants_has_its_name_until_another_one_of_the_same_function_is_folded() {
    let samples = day();
    let names = |function: &str| -> BTreeSet<&str> {
        let of_function = samples.iter().filter(|sample| sample.label("primitive_name") == Some(function));
        let tenants = of_function.filter_map(|sample| sample.label("customer").or_else(|| sample.label("tenant")));
        tenants.filter(|tenant| tenant.starts_with("other/")).collect()
    };
    // The other functions go on to lose tenants all day.
    assert_eq!(names("greet"), BTreeSet::from(["other/1"]));
    // Two leave in each of the ten reigns but the last, and a few small ones at the begin.
    let of_serve = names("serve");
    assert!((9..=20).contains(&of_serve.len()), "{of_serve:?}");
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
    let mut samples: Vec<_> = day().iter().filter(|sample| sample.is_success_of_serve()).collect();
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
