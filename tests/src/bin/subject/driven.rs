//! Does what each line of the standard input says, and prints one line for it.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tracing_subscriber::prelude::*;
use tta_runtime::llm::{self, Evaluation};
use tta_runtime::{Telemetry, primitive};

/// Starts with a second exporter of the kind that the second argument names, and works until the input ends.
pub(super) fn run() {
    log_warnings();
    LazyLock::force(&TEXTS);
    LazyLock::force(&LABELS);
    let mut telemetry = Some(start());
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
        let number = || argument.parse::<u64>().expect("a number follows");
        let running = || telemetry.as_ref().expect("it runs");
        match command {
            "work" => {
                (0..number()).for_each(work);
                println!("worked");
            }
            "judge" => {
                (0..number()).for_each(judged);
                println!("worked");
            }
            "hostile" => {
                (0..number()).for_each(hostile);
                println!("worked");
            }
            "labels" => {
                (number()..number() + 100_000).for_each(labelled);
                println!("worked");
            }
            "flush" => println!("flushed {}", running().flush(Duration::from_millis(number()))),
            "shutdown" => {
                let start = Instant::now();
                let report = running().shutdown(Duration::from_millis(number()));
                println!("{report:?} took_ms {}", start.elapsed().as_millis());
            }
            "drop" => {
                drop(telemetry.take());
                println!("dropped");
            }
            "start" => {
                telemetry = Some(self::start());
                println!("started");
            }
            "resident" => println!("resident_kib {}", resident_kib()),
            "metrics" => print_metrics(if argument.is_empty() { "tta_telemetry_span" } else { argument }),
            // The child works, stops, starts anew and works again; the parent waits for it and says nothing.
            "fork" => match fork::fork().expect("it forks") {
                fork::Fork::Parent(child) => {
                    fork::waitpid(child).expect("it ends");
                }
                fork::Fork::Child => {
                    (0..number()).for_each(work);
                    let start = Instant::now();
                    println!("flushed {}", running().flush(Duration::from_secs(20)));
                    drop(telemetry.take());
                    println!("stopped in time {}", start.elapsed() < Duration::from_secs(5));
                    print_metrics("tta_telemetry_span");
                    let own = self::start();
                    (0..number()).for_each(work);
                    println!("{:?}", own.shutdown(Duration::from_secs(20)));
                    std::process::exit(0);
                }
            },
            other => panic!("no command `{other}`"),
        }
    }
}

fn print_metrics(names: &str) {
    let text = tta_runtime::metrics_text();
    text.lines().filter(|line| line.starts_with(names)).for_each(|line| println!("{line}"));
    println!();
}

fn start() -> Telemetry {
    let builder = tta_runtime::builder().service_name("subject").without_metrics_server();
    match std::env::args().nth(2).as_deref() {
        Some("blocking") => builder.span_exporter(Blocking),
        Some("pending") => builder.span_exporter(Pending),
        Some("panicking") => builder.span_exporter(Panicking),
        _ => builder,
    }
    .init()
    .expect("the telemetry starts")
}

fn log_warnings() {
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).without_time().with_ansi(false);
    let ours = tracing_subscriber::filter::Targets::new().with_target("tta::telemetry", tracing::Level::INFO);
    tracing_subscriber::registry().with(tta_runtime::tracing_layer()).with(lines.with_filter(ours)).init();
}

/// Blocks its thread for ever.
#[derive(Debug)]
struct Blocking;

impl SpanExporter for Blocking {
    async fn export(&self, _batch: Vec<SpanData>) -> OTelSdkResult {
        loop {
            std::thread::park();
        }
    }
}

/// Its future is never ready.
#[derive(Debug)]
struct Pending;

impl SpanExporter for Pending {
    async fn export(&self, _batch: Vec<SpanData>) -> OTelSdkResult {
        std::future::pending().await
    }
}

/// Panics with a payload that panics when it is dropped.
#[derive(Debug)]
struct Panicking;

impl SpanExporter for Panicking {
    async fn export(&self, _batch: Vec<SpanData>) -> OTelSdkResult {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("the payload");
            }
        }
        std::panic::panic_any(Bomb)
    }
}

#[primitive(type = "tool", name = "driven_work", attributes("number" = number))]
fn work(number: u64) {}

#[primitive(type = "tool", name = "driven_judged", attributes("number" = number))]
fn judged(number: u64) {
    llm::evaluation(Evaluation::of("brevity").with_score(1.0));
}

/// Large texts, made once: the program's own garbage is not the library's memory.
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| vec!["x".repeat(1 << 20); 8]);

/// Calls spans of every hostile shape.
fn hostile(number: u64) {
    match number % 4 {
        0 => lists(&TEXTS),
        1 => text(&TEXTS[0]),
        2 => events(),
        _ => tagged(number),
    }
}

#[primitive(type = "tool", name = "hostile_lists", attributes("big" = texts))]
fn lists(texts: &Vec<String>) {}

#[primitive(type = "tool", name = "hostile_text", attributes("a" = text, "b" = text, "c" = text))]
fn text(text: &str) {}

#[primitive(type = "tool", name = "hostile_events")]
fn events() {
    for _ in 0..200 {
        tracing::info!(a = TEXTS[0], b = TEXTS[1], "an event");
    }
}

/// Calls a function with a label's value that no other call has, of up to 1 MiB.
fn labelled(number: u64) {
    let start = usize::try_from(number).expect("it fits") * 2 % LABELS.len();
    let length = (1 << (number % 21)) - 1;
    let value = LABELS.get(start..start + length).unwrap_or(&LABELS[start..]);
    limited(value);
}

/// A text in which no two places are alike.
static LABELS: LazyLock<String> = LazyLock::new(|| {
    let numbers: Vec<String> = (0..1_000_000_u64).map(|number| format!("{number:x}")).collect();
    numbers.join(" ")
});

#[primitive(type = "tool", name = "limited", labels(tenant = capped(value)))]
fn limited(value: &str) {}

fn tagged(number: u64) {
    let context = tta_runtime::WorkflowContext::new().with_tag(format!("tag-{number}"), "x".repeat(1 << 20));
    context.run(|| work(number));
}

/// Returns the resident memory of this process.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it is told");
    line.trim().trim_end_matches(" kB").parse().expect("it is a number")
}
