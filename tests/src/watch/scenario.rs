//! Scenarios of faults, each with what the program under load did meanwhile.

use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::faults::Fault;
use crate::redis_server::Server;
use crate::watch::collector::Collector;
use crate::watch::process::Resources;
use crate::watch::program::LoadProgram;
use crate::watch::report::Report;

/// What fails while the program is under load.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name in the report.
    pub name: &'static str,
    /// The part that fails.
    pub fails: Failing,
}

/// A part that fails.
#[derive(Clone, Debug)]
pub enum Failing {
    /// Nothing does.
    Nothing,
    /// The collector, in each of these ways in turn.
    Collector(&'static [Fault]),
    /// The Redis server of the cache: it is stopped, goes on, is killed and comes back empty.
    Redis,
}

/// Healthy, and ten scenarios of faults.
pub const SCENARIOS: &[Scenario] = &[
    Scenario { name: "healthy", fails: Failing::Nothing },
    Scenario { name: "the collector refuses connections", fails: Failing::Collector(&[Fault::Refuse]) },
    Scenario { name: "it resets them", fails: Failing::Collector(&[Fault::Reset]) },
    Scenario { name: "it never answers", fails: Failing::Collector(&[Fault::BlackHole]) },
    Scenario { name: "its answers drip", fails: Failing::Collector(&[Fault::Drip]) },
    Scenario {
        name: "it answers 429 and 503 with `Retry-After`",
        fails: Failing::Collector(&[Fault::Status(429, Some(1)), Fault::Status(503, Some(2))]),
    },
    Scenario { name: "it answers garbage, and pages", fails: Failing::Collector(&[Fault::Garbage, Fault::Html]) },
    Scenario { name: "it accepts batches in part", fails: Failing::Collector(&[Fault::Partial(7)]) },
    Scenario { name: "it is a second late", fails: Failing::Collector(&[Fault::Late(1_000)]) },
    Scenario { name: "its answers are cut, or have no end", fails: Failing::Collector(&[Fault::Cut, Fault::Endless]) },
    Scenario { name: "Redis hangs, dies and comes back", fails: Failing::Redis },
];

/// A program that went through a scenario.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The program's last report, with E4.
    pub report: Report,
    /// The most that it took at any look, but for its descriptors and threads at the end.
    pub peak_resident_kib: u64,
    /// The resources when the faults began.
    pub before: Resources,
    /// The resources when they had ended.
    pub after: Resources,
    /// The longest scrape.
    pub longest_scrape: Duration,
}

/// The time between two looks at the program.
const LOOK: Duration = Duration::from_millis(500);
/// The time before the faults begin, in which all connections are made.
const SETTLING: Duration = Duration::from_secs(3);

/// Runs the program at `load` through a scenario of this length.
///
/// # Errors
///
/// Fails if the program ends, or does not answer a scrape within ten seconds.
pub fn run(scenario: &Scenario, load: &Path, rate: u64, length: Duration) -> io::Result<Outcome> {
    let (mut collector, mut redis) = (Collector::start(), Server::start(&[]));
    let program = LoadProgram::start(load, rate, &collector.endpoint(), Some(&redis.url()))?;
    sleep(SETTLING);
    let before = program.resources()?;
    let (mut peak_resident_kib, mut longest_scrape) = (before.resident_kib, Duration::ZERO);
    let start = Instant::now();
    let mut phase = None;
    while start.elapsed() < length {
        let now = start.elapsed().as_secs_f64() / length.as_secs_f64();
        fail(&scenario.fails, now, &mut phase, &collector, &mut redis);
        sleep(LOOK);
        let scraped = Instant::now();
        program.scrape()?;
        longest_scrape = longest_scrape.max(scraped.elapsed());
        peak_resident_kib = peak_resident_kib.max(program.resources()?.resident_kib);
        collector.read();
    }
    let after = program.resources()?;
    collector.become_(Fault::Healthy);
    let mut report = program.finish()?;
    collector.read();
    report.laws.extend(collector.laws(report.exported_spans));
    Ok(Outcome { report, peak_resident_kib, before, after, longest_scrape })
}

/// Brings about the fault of this share of the time, once.
fn fail(fails: &Failing, share: f64, phase: &mut Option<usize>, collector: &Collector, redis: &mut Server) {
    let phases = match fails {
        Failing::Nothing => return,
        Failing::Collector(faults) => faults.len(),
        Failing::Redis => 4,
    };
    let now = ((share * phases as f64) as usize).min(phases - 1);
    if phase.replace(now) == Some(now) {
        return;
    }
    match (fails, now) {
        (Failing::Collector(faults), now) => collector.become_(faults[now].clone()),
        (Failing::Redis, 0) => redis.stop(),
        (Failing::Redis, 1) => redis.go_on(),
        (Failing::Redis, 2) => redis.kill(),
        (Failing::Redis, _) => redis.restart(),
        (Failing::Nothing, _) => {}
    }
}
