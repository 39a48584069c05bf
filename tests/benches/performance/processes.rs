//! Cases that need a process of their own: without telemetry, and with all of it disabled.

use std::process::Command;
use std::time::Duration;

use super::calls::added;
use super::report::{Aim, Case};

/// The variable that names the case of a process; with `:` and a number, one to repeat so often.
pub(super) const CASE: &str = "TTA_BENCH_CASE";

/// The variable that disables all telemetry.
const DISABLED: &str = "OTEL_SDK_DISABLED";

/// Runs the case that the environment names and prints its numbers; returns false if it names none.
pub(super) fn run_case() -> bool {
    let Ok(case) = std::env::var(CASE) else { return false };
    autometrics::prometheus_exporter::init();
    if super::spans::run_case(&case) {
        return true;
    }
    let is_disabled = std::env::var_os(DISABLED).is_some();
    let telemetry = is_disabled.then(|| tta_runtime::init().expect("it starts"));
    if let Some((name, calls)) = case.split_once(':') {
        let calls = calls.parse().expect("a number of calls");
        assert!(super::calls::repeat(name, calls), "there is no case `{name}`");
        return true;
    }
    if case == "resident" {
        println!("{}", bytes_of_init());
        return true;
    }
    if case == "subscriber" {
        super::calls::run_annotated(1);
        std::thread::sleep(Duration::from_secs(2));
        let [ours, theirs, alike] = super::calls::added_by_subscriber();
        println!("{ours} {theirs} {alike}");
        return true;
    }
    super::calls::run_annotated(1);
    // The clock is calibrated meanwhile.
    std::thread::sleep(Duration::from_secs(2));
    let [ours, theirs] = added();
    println!("{ours} {theirs}");
    drop(telemetry);
    true
}

/// Returns the resident memory that the telemetry takes with prices that are decoded and used.
fn bytes_of_init() -> u64 {
    let before = resident_bytes();
    let telemetry = tta_runtime::builder().without_metrics_server().init().expect("it starts");
    let usage = tta_runtime::llm::Usage::new(1_000, 200);
    assert!(tta_runtime::llm::price("openai", "gpt-4o-mini", &usage).is_some(), "the prices are decoded");
    std::thread::sleep(Duration::from_secs(1));
    let after = resident_bytes();
    drop(telemetry);
    after.saturating_sub(before)
}

/// Returns the resident memory of the process, by Linux.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it has memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

pub(super) fn report() {
    let [resident] = run("resident", &[]);
    let name = "resident memory of `init` with prices".to_owned();
    let megabytes = resident / 1e6;
    Case { group: "memory", name, unit: "MB", ours: megabytes, peer: None, aim: Aim::Most(8.0) }.print();
    let [ours, theirs] = run("without-init", &[]);
    Case {
        group: "call",
        name: "metrics only, without `init`".to_owned(),
        unit: "ns",
        ours,
        peer: Some(("autometrics", theirs)),
        aim: Aim::Ratio(0.22),
    }
    .print();
    let [ours, _] = run("disabled", &[(DISABLED, "true")]);
    let [added, theirs, alike] = run("subscriber", &[]);
    for peer in [("`#[instrument]`", theirs), ("`#[instrument]` with the same fields", alike)] {
        let name = "added by a subscriber that formats spans".to_owned();
        Case { group: "call", name, unit: "ns", ours: added, peer: Some(peer), aim: Aim::Ratio(1.2) }.print();
    }
    let name = "disabled".to_owned();
    Case { group: "call", name, unit: "ns", ours, peer: None, aim: Aim::Most(5.0) }.print();
}

fn run<const NUMBERS: usize>(case: &str, variables: &[(&str, &str)]) -> [f64; NUMBERS] {
    let program = std::env::current_exe().expect("it runs");
    let variables = variables.iter().copied().chain([(CASE, case)]);
    let output = Command::new(program).envs(variables).output().expect("it starts");
    let text = String::from_utf8(output.stdout).expect("it prints text");
    let numbers: Vec<f64> = text.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    numbers.try_into().expect("the numbers of the case")
}
