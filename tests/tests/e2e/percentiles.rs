//! Percentiles over many replicas, as a real Prometheus computes them from native histograms and from classic ones.

use crate::child::{Running, subject};
use crate::patience::wait_until;
use crate::prometheus::Prometheus;

const REPLICAS: usize = 16;
const CALLS: usize = 250;

/// The bounds of the classic buckets, in seconds.
const BOUNDS: &[f64] = tta_runtime::schema::buckets::DEFAULT;

/// The histograms of whose observations each replica knows the exact values, in the order in which it says them.
const KNOWN: [&str; 4] = [
    r#"tta_execution_duration_seconds{primitive_name="waits"}"#,
    "tta_workflow_duration_seconds",
    "tta_llm_time_to_first_token_seconds",
    "tta_llm_request_duration_seconds",
];

/// The replicas, with the exact values of all of their observations, sorted, in seconds, by histogram.
struct Replicas {
    running: Vec<Running>,
    targets: Vec<String>,
    known: [Vec<f64>; KNOWN.len()],
}

impl Replicas {
    fn start(native: &str) -> Self {
        let start = |replica: usize| {
            Running::start(subject("percentiles").arg(replica.to_string()).env("TTA_NATIVE_HISTOGRAMS", native))
        };
        let mut running: Vec<_> = (0..REPLICAS).map(start).collect();
        let targets = running.iter_mut().map(|replica| format!("\"{}\"", replica.line())).collect();
        let mut known: [Vec<f64>; KNOWN.len()] = std::array::from_fn(|_| Vec::new());
        for replica in &mut running {
            replica.say("how long did they take?");
            for known in &mut known {
                let line = replica.line();
                known.extend(line.split(' ').map(|nanos| nanos.parse::<f64>().expect("a number") / 1e9));
            }
        }
        for known in &mut known {
            assert_eq!(known.len(), REPLICAS * CALLS);
            known.sort_by(f64::total_cmp);
        }
        Self { running, targets, known }
    }

    /// Returns the exact durations of the work, sorted.
    fn durations(&self) -> &[f64] {
        &self.known[0]
    }

    fn job(&self, settings: &str) -> String {
        format!("- job_name: replicas\n{settings}  static_configs: [{{targets: [{}]}}]\n", self.targets.join(", "))
    }

    /// Returns what Prometheus makes of the exact counts of the classic buckets.
    fn of_classic_buckets(&self, share: f64) -> f64 {
        let below = |bound: f64| self.durations().iter().filter(|duration| **duration <= bound).count() as f64;
        let rank = share * self.durations().len() as f64;
        let place = BOUNDS.iter().position(|bound| below(*bound) >= rank).expect("no call takes longer");
        let start = place.checked_sub(1).map_or(0.0, |place| BOUNDS[place]);
        let in_bucket = below(BOUNDS[place]) - below(start);
        start + (BOUNDS[place] - start) * ((rank - below(start)) / in_bucket)
    }

    fn stop(self) {
        for replica in self.running {
            replica.finish();
        }
    }
}

/// Returns the exact percentile of sorted values, by the nearest rank.
fn exact_percentile(sorted: &[f64], share: f64) -> f64 {
    sorted[(share * sorted.len() as f64).ceil() as usize - 1]
}

fn value(server: &Prometheus, query: &str) -> f64 {
    server.query(query).unwrap_or_else(|| panic!("{query} has no value")).parse().expect("a number")
}

const SERIES: &str = r#"{primitive_name="waits"}"#;

fn wait_for_all(server: &Prometheus, count: &str) {
    server.wait_for(&format!("sum({count})"), &(REPLICAS * CALLS).to_string());
}

/// Returns the value of a query at a moment at which the latest scrape of each replica has succeeded: on a busy machine, one may take too long.
fn value_of_all(server: &Prometheus, query: &str, count: &str) -> f64 {
    let complete = format!("({query}) and on () (sum({count}) == {})", REPLICAS * CALLS);
    let mut value = None;
    wait_until(&complete, || {
        value = server.query(&complete);
        value.is_some()
    });
    value.and_then(|value| value.parse().ok()).expect("a number")
}

fn check_native(replicas: &Replicas, server: &Prometheus) {
    for (series, known) in KNOWN.into_iter().zip(&replicas.known) {
        let count = format!("histogram_count({series})");
        wait_for_all(server, &count);
        for share in [0.5, 0.9, 0.95, 0.99] {
            let query = format!("histogram_quantile({share}, sum({series}))");
            let (found, exact) = (value_of_all(server, &query, &count), exact_percentile(known, share));
            let off = (found - exact).abs() / exact;
            eprintln!("{series}: p{share}: {found:.6} s, {:.2} % off {exact:.6} s", off * 100.0);
            assert!(off <= 0.011, "{series}: p{share}: {found} is {:.2} % off {exact}", off * 100.0);
        }
    }
    let replicas = REPLICAS.to_string();
    // What the text formats have is there, too.
    wait_for_all(server, r#"tta_primitive_executions_total{primitive_name="waits",status="success"}"#);
    assert_eq!(server.query("count(tta_build_info)"), Some(replicas.clone()));
    assert_eq!(server.query("count(process_start_time_seconds)"), Some(replicas));
}

fn check_classic(replicas: &Replicas, server: &Prometheus) {
    let count = format!("tta_execution_duration_seconds_count{SERIES}");
    wait_for_all(server, &count);
    for share in [0.5, 0.9, 0.95, 0.99] {
        let query = format!("histogram_quantile({share}, sum by (le) (tta_execution_duration_seconds_bucket{SERIES}))");
        let (found, expected) = (value_of_all(server, &query, &count), replicas.of_classic_buckets(share));
        assert!((found - expected).abs() / expected < 1e-6, "p{share}: {found} instead of {expected}");
    }
}

#[test]
fn a_percentile_over_replicas_is_within_one_percent_and_classic_queries_answer_as_before() {
    let replicas = Replicas::start("true");
    let is_version_3 = Prometheus::version().starts_with('3');
    // Version 2.42 stores native histograms alone where there are any; later ones store both if they are told so.
    let settings = if is_version_3 { "  always_scrape_classic_histograms: true\n" } else { "" };
    let native = Prometheus::with_native_histograms(&replicas.job(settings));
    let plain = Prometheus::configured(&replicas.job(""));
    check_native(&replicas, &native);
    check_classic(&replicas, &plain);
    assert_eq!(plain.query(&format!("histogram_count(tta_execution_duration_seconds{SERIES})")), None);
    if is_version_3 {
        check_classic(&replicas, &native);
    }
    drop((native, plain));
    replicas.stop();
}

#[test]
fn a_program_that_keeps_no_native_histograms_answers_the_same_server_with_text() {
    let replicas = Replicas::start("false");
    let native = Prometheus::with_native_histograms(&replicas.job(""));
    check_classic(&replicas, &native);
    drop(native);
    replicas.stop();
}

/// 40 calls of less than 25 ms and 2 of more ended before native histograms were switched on, and 5 of more since.
#[test]
fn calls_that_ended_before_native_histograms_were_switched_on_are_in_both_kinds_of_buckets() {
    let mut program = Running::start(&mut subject("late_native"));
    let address = program.line();
    let is_version_3 = Prometheus::version().starts_with('3');
    let settings = if is_version_3 { "  always_scrape_classic_histograms: true\n" } else { "" };
    let job = format!("- job_name: late\n{settings}  static_configs: [{{targets: [\"{address}\"]}}]\n");
    let native = Prometheus::with_native_histograms(&job);
    let plain = Prometheus::configured(&job.replace(settings, ""));
    let metric = "tta_execution_duration_seconds";
    for (speed, count, below) in [("fast", "40", 1.0), ("slow", "7", 0.0)] {
        let series = |name: &str| format!("{metric}{name}{{primitive_name=\"work\",speed=\"{speed}\"}}");
        native.wait_for(&format!("histogram_count({})", series("")), count);
        plain.wait_for(&series("_count"), count);
        let sums = [(&native, format!("histogram_sum({})", series(""))), (&plain, series("_sum"))];
        let [of_native, of_plain] = sums.map(|(server, query)| value(server, &query));
        assert_eq!(of_native.to_bits(), of_plain.to_bits(), "{of_native} and {of_plain}");
        let share = value(&native, &format!("histogram_fraction(0, 0.0256, {})", series("")));
        assert!((share - below).abs() < 1e-9, "{share} of {speed} are below the first bound");
        if is_version_3 {
            for le in ["0.025", "10.0", "+Inf"] {
                let bucket = |name: &str| series(name).replace('}', &format!(",le=~\"{}\"}}", le.replace('+', "[+]")));
                let query = bucket("_bucket").replace("10.0", "10(.0)?");
                assert_eq!(native.query(&query), plain.query(&query), "{query}");
                assert!(native.query(&query).is_some(), "{query}");
            }
        }
    }
    drop((native, plain));
    program.finish();
}
