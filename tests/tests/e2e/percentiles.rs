//! Percentiles over many replicas, as a real Prometheus computes them from native histograms and from classic ones.

use crate::child::{Running, subject};
use crate::prometheus::Prometheus;

const REPLICAS: usize = 16;
const CALLS: usize = 250;

/// The bounds of the classic buckets, in seconds.
const BOUNDS: &[f64] = tta_runtime::schema::buckets::DEFAULT;

/// The replicas, with the exact durations of all of their calls, sorted, in seconds.
struct Replicas {
    running: Vec<Running>,
    targets: Vec<String>,
    durations: Vec<f64>,
}

impl Replicas {
    fn start(native: &str) -> Self {
        let start = |replica: usize| {
            Running::start(subject("percentiles").arg(replica.to_string()).env("TTA_NATIVE_HISTOGRAMS", native))
        };
        let mut running: Vec<_> = (0..REPLICAS).map(start).collect();
        let targets = running.iter_mut().map(|replica| format!("\"{}\"", replica.line())).collect();
        let mut durations = Vec::new();
        for replica in &mut running {
            replica.say("how long did they take?");
            let line = replica.line();
            durations.extend(line.split(' ').map(|nanos| nanos.parse::<f64>().expect("a number") / 1e9));
        }
        assert_eq!(durations.len(), REPLICAS * CALLS);
        durations.sort_by(f64::total_cmp);
        Self { running, targets, durations }
    }

    fn job(&self, settings: &str) -> String {
        format!("- job_name: replicas\n{settings}  static_configs: [{{targets: [{}]}}]\n", self.targets.join(", "))
    }

    /// Returns the exact percentile, by the nearest rank.
    fn exact(&self, share: f64) -> f64 {
        self.durations[(share * self.durations.len() as f64).ceil() as usize - 1]
    }

    /// Returns what Prometheus makes of the exact counts of the classic buckets.
    fn of_classic_buckets(&self, share: f64) -> f64 {
        let below = |bound: f64| self.durations.iter().filter(|duration| **duration <= bound).count() as f64;
        let rank = share * self.durations.len() as f64;
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

fn value(server: &Prometheus, query: &str) -> f64 {
    server.query(query).unwrap_or_else(|| panic!("{query} has no value")).parse().expect("a number")
}

const SERIES: &str = r#"{primitive_name="waits"}"#;

fn wait_for_all(server: &Prometheus, count: &str) {
    server.wait_for(&format!("sum({count})"), &(REPLICAS * CALLS).to_string());
}

fn check_native(replicas: &Replicas, server: &Prometheus) {
    wait_for_all(server, &format!("histogram_count(tta_execution_duration_seconds{SERIES})"));
    for share in [0.5, 0.9, 0.95, 0.99] {
        let query = format!("histogram_quantile({share}, sum(tta_execution_duration_seconds{SERIES}))");
        let (found, exact) = (value(server, &query), replicas.exact(share));
        let off = (found - exact).abs() / exact;
        assert!(off <= 0.011, "p{share}: {found} is {:.2} % off {exact}", off * 100.0);
        eprintln!("p{share}: {found:.6} s, {:.2} % off {exact:.6} s", off * 100.0);
    }
    let replicas = REPLICAS.to_string();
    for count in
        ["tta_workflow_duration_seconds", "tta_llm_time_to_first_token_seconds", "tta_llm_request_duration_seconds"]
    {
        server.wait_for(&format!("sum(histogram_count({count}))"), &replicas);
    }
    // What the text formats have is there, too.
    wait_for_all(server, r#"tta_primitive_executions_total{primitive_name="waits",status="success"}"#);
    assert_eq!(server.query("count(tta_build_info)"), Some(replicas.clone()));
    assert_eq!(server.query("count(process_start_time_seconds)"), Some(replicas));
}

fn check_classic(replicas: &Replicas, server: &Prometheus) {
    wait_for_all(server, &format!("tta_execution_duration_seconds_count{SERIES}"));
    for share in [0.5, 0.9, 0.95, 0.99] {
        let query = format!("histogram_quantile({share}, sum by (le) (tta_execution_duration_seconds_bucket{SERIES}))");
        let (found, expected) = (value(server, &query), replicas.of_classic_buckets(share));
        // A call may end above a bound that its own clock still saw below.
        assert!((found - expected).abs() / expected < 0.01, "p{share}: {found} instead of {expected}");
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
