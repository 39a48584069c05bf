//! The cost of a sampled span, beside those of `fastrace`, of OpenTelemetry's SDK, and of `tracing` with its layer and `autometrics`.
//!
//! Each library runs in a process of its own, and sends its spans to a collector in this one.

use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Sampler, SpanData, SpanExporter};
use tta_runtime::Telemetry;

use super::allocations::bytes_left_by;
use super::cpu_time::cpu_time;
use super::processes::CASE;
use super::receiver::Receiver;
use super::report::{Aim, Case};
use super::span_subjects::{self as subjects, SPANS};

/// The workflows of a round: a batch of the default size.
const WORKFLOWS: u64 = 24;

const ROUNDS: usize = 300;

/// The names of what is measured in a process of its own.
const SUBJECTS: [&str; 7] = ["bare", "ours", "ours-unsampled", "stack", "stack-unsampled", "sdk", "fastrace"];

/// Runs the case that belongs here and prints its numbers; returns false if there is no such case.
pub(super) fn run_case(case: &str) -> bool {
    let Some((subject, work)) = case.split_once(' ').filter(|(subject, _)| SUBJECTS.contains(subject)) else {
        return false;
    };
    match (subject, work) {
        ("ours", "queued") => return queued(),
        ("ours", "flood") => return flood(),
        _ => {}
    }
    let subject = Subject::start(subject);
    let [caller, process] = subject.measure(work);
    println!("{caller} {process}");
    true
}

/// A library that observes the work, and the function that waits until its spans are exported.
struct Subject {
    plain: fn(u64),
    attributed: fn(u64),
    flush: Box<dyn Fn()>,
}

/// Starts this library with what the environment names.
fn start() -> Telemetry {
    let telemetry = tta_runtime::builder().without_metrics_server().init().expect("it starts");
    // The clock is calibrated meanwhile.
    subjects::ours::plain(1);
    std::thread::sleep(Duration::from_secs(2));
    telemetry
}

impl Subject {
    fn start(name: &str) -> Self {
        let of = |plain, attributed, flush| Self { plain, attributed, flush };
        match name {
            "bare" => of(subjects::bare::plain, subjects::bare::attributed, Box::new(|| {})),
            "ours" | "ours-unsampled" => {
                let telemetry = start();
                let flush = move || assert!(telemetry.flush(Duration::from_secs(60)), "the collector is there");
                of(subjects::ours::plain, subjects::ours::attributed, Box::new(flush))
            }
            "stack" => {
                subjects::start_stack(Sampler::AlwaysOn);
                of(subjects::stack::plain, subjects::stack::attributed, Box::new(subjects::flush_sdk))
            }
            "stack-unsampled" => {
                subjects::start_stack(Sampler::AlwaysOff);
                of(subjects::stack::plain, subjects::stack::attributed, Box::new(subjects::flush_sdk))
            }
            "sdk" => {
                subjects::start_sdk(Sampler::AlwaysOn);
                of(subjects::sdk::plain, subjects::sdk::attributed, Box::new(subjects::flush_sdk))
            }
            "fastrace" => {
                subjects::start_fastrace();
                of(subjects::fastraced::plain, subjects::fastraced::attributed, Box::new(fastrace::flush))
            }
            _ => panic!("there is no subject `{name}`"),
        }
    }

    /// Returns the nanoseconds of a span on the thread of its call, and those of CPU time of the whole process.
    ///
    /// With a number in the place of the attributes' kind, runs as many workflows, for a tool that counts instructions.
    fn measure(&self, work: &str) -> [f64; 2] {
        let (kind, workflows) = work.split_once(':').map_or((work, None), |(kind, n)| (kind, n.parse().ok()));
        let run = if kind == "11" { self.attributed } else { self.plain };
        if let Some(workflows) = workflows {
            (0..workflows).for_each(run);
            (self.flush)();
            return [0.0, 0.0];
        }
        let round = || {
            let start = Instant::now();
            (0..WORKFLOWS).for_each(run);
            let took = start.elapsed();
            // What is not exported would find the queue full, and cost less.
            (self.flush)();
            took
        };
        for _ in 0..10 {
            round();
        }
        let before = cpu_time();
        let mut rounds: Vec<Duration> = (0..ROUNDS).map(|_| round()).collect();
        let process = cpu_time().saturating_sub(before).as_secs_f64() * 1e9;
        rounds.sort_unstable();
        let spans = (WORKFLOWS * SPANS) as f64;
        [rounds[ROUNDS / 2].as_secs_f64() * 1e9 / spans, process / spans / ROUNDS as f64]
    }
}

/// An exporter that keeps its first batch until it is told to go on.
#[derive(Clone, Debug, Default)]
struct Blocked(Arc<(Mutex<bool>, Condvar)>);

impl SpanExporter for Blocked {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        let (is_open, opened) = &*self.0;
        let is_open = is_open.lock().expect("no thread panicked");
        drop(opened.wait_while(is_open, |is_open| !*is_open).expect("no thread panicked"));
        Ok(())
    }
}

impl Blocked {
    fn open(&self) {
        let (is_open, opened) = &*self.0;
        *is_open.lock().expect("no thread panicked") = true;
        opened.notify_all();
    }
}

/// Prints the bytes that a queued span takes, with and without attributes of its own.
fn queued() -> bool {
    let blocked = Blocked::default();
    let builder = tta_runtime::builder().without_metrics_server().span_exporter(blocked.clone());
    let telemetry = builder.init().expect("it starts");
    // What a first call and a first batch create stays out of the figures.
    (0..WORKFLOWS).for_each(|n| {
        subjects::ours::plain(n);
        subjects::ours::attributed(n);
    });
    std::thread::sleep(Duration::from_secs(2));
    let of_span = |run: fn(u64)| {
        let bytes = bytes_left_by(|| {
            (0..WORKFLOWS).for_each(run);
            // Until they are in the exporter's lane, where they take the most.
            std::thread::sleep(Duration::from_secs(1));
        });
        bytes / (WORKFLOWS * SPANS) as f64
    };
    println!("{} {}", of_span(subjects::ours::plain), of_span(subjects::ours::attributed));
    blocked.open();
    drop(telemetry);
    true
}

/// The time for which spans are made at each rate.
const FLOOD: Duration = Duration::from_secs(4);

/// Prints the share of spans that is dropped at 50,000 spans a second, and how many are exported in a second at 200,000.
fn flood() -> bool {
    let telemetry = start();
    let [dropped, ended] = flood_at(&telemetry, 50_000);
    let share = dropped / ended;
    let [dropped, ended] = flood_at(&telemetry, 200_000);
    println!("{share} {}", (ended - dropped) / FLOOD.as_secs_f64());
    true
}

/// Makes this many spans a second, and returns how many were dropped and how many ended.
fn flood_at(telemetry: &Telemetry, spans_per_second: u64) -> [f64; 2] {
    let before = counts();
    let start = Instant::now();
    let mut workflows = 0;
    while start.elapsed() < FLOOD {
        let due = (start.elapsed().as_secs_f64() * spans_per_second as f64) as u64 / SPANS;
        (workflows..due).for_each(subjects::ours::plain);
        workflows = due.max(workflows);
        std::thread::sleep(Duration::from_micros(500));
    }
    assert!(telemetry.flush(Duration::from_secs(60)), "the collector is there");
    let after = counts();
    [after[0] - before[0], after[1] - before[1]]
}

/// Returns how many spans were dropped, and how many ended.
fn counts() -> [f64; 2] {
    let page = tta_runtime::metrics_text();
    let sum = |name: &str| -> f64 {
        let samples = page.lines().filter(|line| line.starts_with(name));
        samples.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
    };
    [sum("tta_telemetry_spans_dropped_total"), sum("tta_telemetry_spans_ended_total")]
}

/// Runs a case in a process of its own, which exports to the collector, and returns its two numbers.
fn run(case: &str, collector: &Receiver, variables: &[(&str, &str)]) -> [f64; 2] {
    let program = std::env::current_exe().expect("it runs");
    let common = [
        (CASE, case),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &*format!("{}/v1/traces", collector.endpoint())),
        // The SDK takes its own default, which is the same, and a queue of a quarter of the size.
        ("OTEL_BSP_MAX_QUEUE_SIZE", "8192"),
    ];
    let variables = common.into_iter().chain(variables.iter().copied());
    let output = Command::new(program).envs(variables).output().expect("it starts");
    let text = String::from_utf8(output.stdout).expect("it prints text");
    let numbers: Vec<f64> = text.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    let said = String::from_utf8_lossy(&output.stderr);
    numbers.try_into().unwrap_or_else(|_| panic!("`{case}` printed no numbers: {said}"))
}

pub(super) fn report() {
    let collector = Receiver::start();
    let case = |name: &str, unit: &str, ours, peer, aim| {
        Case { group: "span", name: name.to_owned(), unit, ours, peer, aim }.print();
    };
    let subject = |subject: &str, work: &str| run(&format!("{subject} {work}"), &collector, &[]);
    for (work, of) in [("0", ""), ("11", " with 11 attributes")] {
        let [bare, bare_process] = subject("bare", work);
        let added = |name: &str| {
            let [caller, process] = subject(name, work);
            [caller - bare, process - bare_process]
        };
        let [ours, ours_process] = added("ours");
        let [stack, stack_process] = added("stack");
        let [_, sdk_process] = added("sdk");
        let [fastrace, _] = added("fastrace");
        const STACK: &str = "`#[instrument]` + tracing-opentelemetry + autometrics";
        let name = format!("caller's thread{of}");
        case(&name, "ns", ours, Some((STACK, stack)), Aim::Ratio(0.06));
        case(&name, "ns", ours, Some(("fastrace", fastrace)), Aim::Ratio(1.0));
        let name = format!("CPU time of the whole process{of}");
        case(&name, "ns", ours_process, Some((STACK, stack_process)), Aim::Ratio(0.10));
        case(&name, "ns", ours_process, Some(("the SDK by hand", sdk_process)), Aim::Ratio(1.0));
        if work == "0" {
            let sampler = [("OTEL_TRACES_SAMPLER", "always_off")];
            let [unsampled, _] = run("ours-unsampled 0", &collector, &sampler);
            let [stack, _] = added("stack-unsampled");
            case("caller's thread, not sampled", "ns", unsampled - bare, Some((STACK, stack)), Aim::Ratio(0.03));
        }
    }
    let [plain, attributed] = run("ours queued", &collector, &[]);
    case("memory while queued", "B", plain, None, Aim::Most(500.0));
    case("memory while queued with 11 attributes", "B", attributed, None, Aim::Most(500.0));

    collector.take_bytes();
    let compressed = [("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")];
    run(&format!("ours 0:{}", 100_000 / SPANS), &collector, &compressed);
    case("sent with gzip", "B a span", collector.take_bytes() as f64 / 1e5, None, Aim::Most(80.0));
    let [share, exported] = run("ours flood", &collector, &[]);
    case("dropped at 50,000 a second", "% of the spans", share * 100.0, None, Aim::Most(0.0));
    case("exported at 200,000 a second", "µs a span", 1e6 / exported, None, Aim::Most(1e6 / 150_000.0));
}
