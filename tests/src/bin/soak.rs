//! Runs the program `load` for a long time under changing faults, and writes the slopes of what it takes.
//!
//! The arguments are the minutes, the requests per second, and the page whose section is written.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tests::faults::Fault;
use tests::redis_server::Server;
use tests::watch::collector::Collector;
use tests::watch::page::write_section;
use tests::watch::process::Resources;
use tests::watch::program::LoadProgram;
use tests::watch::report::Report;
use tests::watch::slope::slope;

/// The faults of the collector, each for this long; between two of them it is healthy for as long.
const FAULTS: &[Fault] = &[
    Fault::Refuse,
    Fault::Reset,
    Fault::BlackHole,
    Fault::Drip,
    Fault::Status(429, Some(1)),
    Fault::Status(503, None),
    Fault::Status(400, None),
    Fault::Garbage,
    Fault::Partial(7),
    Fault::Late(1_000),
    Fault::Cut,
    Fault::Endless,
];
const TURN: Duration = Duration::from_secs(20);
/// The time between two scrapes, each with a look at the resources.
const LOOK: Duration = Duration::from_secs(5);
/// The share of the time that is left out of the slopes: memory that is taken once is taken then.
const WARM_UP: f64 = 0.2;

/// All looks, and the report at the end.
struct Soaked {
    /// Minutes since the start, and the resources.
    looks: Vec<(f64, Resources)>,
    outages: usize,
    restarts: usize,
    longest_scrape: Duration,
    scraped_bytes: usize,
    report: Report,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [minutes, rate, page] = arguments.as_slice() else {
        eprintln!("write the minutes, the requests per second and the page, such as `soak 60 20 docs/soak.md`");
        return ExitCode::FAILURE;
    };
    let (Ok(minutes), Ok(rate)) = (minutes.parse::<u64>(), rate.parse()) else {
        eprintln!("`{minutes}` and `{rate}` must be whole numbers");
        return ExitCode::FAILURE;
    };
    let soaked = match soak(Duration::from_secs(60 * minutes), rate) {
        Ok(soaked) => soaked,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let text = section(&soaked, minutes, rate);
    println!("{text}");
    if let Err(error) = write_section(Path::new(page), "soak", &text) {
        eprintln!("{page}: {error}");
        return ExitCode::FAILURE;
    }
    if soaked.report.laws.iter().all(tests::watch::report::Law::holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn soak(length: Duration, rate: u64) -> io::Result<Soaked> {
    let (mut collector, mut redis) = (Collector::start(), Server::start(&[]));
    let program = LoadProgram::start(&beside("load")?, rate, &collector.endpoint(), Some(&redis.url()))?;
    let start = Instant::now();
    let (mut looks, mut longest_scrape, mut scraped_bytes) = (Vec::new(), Duration::ZERO, 0);
    let (mut turns, mut outages, mut restarts) = (0, 0, 0);
    while start.elapsed() < length {
        let turn = (start.elapsed().as_secs() / TURN.as_secs()) as usize;
        if turn > turns {
            turns = turn;
            let fault = if turn.is_multiple_of(2) { Fault::Healthy } else { FAULTS[turn / 2 % FAULTS.len()].clone() };
            outages += usize::from(fault != Fault::Healthy);
            collector.become_(fault);
            // Redis dies and comes back empty as often as all faults have had their turn.
            if turn.is_multiple_of(2 * FAULTS.len()) {
                redis.kill();
                sleep(Duration::from_secs(3));
                redis.restart();
                restarts += 1;
            }
        }
        let scraped = Instant::now();
        scraped_bytes = program.scrape()?.len();
        longest_scrape = longest_scrape.max(scraped.elapsed());
        looks.push((start.elapsed().as_secs_f64() / 60.0, program.resources()?));
        collector.read();
        sleep(LOOK);
    }
    collector.become_(Fault::Healthy);
    let mut report = program.finish()?;
    collector.read();
    report.laws.extend(collector.laws(report.exported_spans));
    Ok(Soaked { looks, outages, restarts, longest_scrape, scraped_bytes, report })
}

/// Returns the path of a program that was built beside this one.
fn beside(name: &str) -> io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

fn section(soaked: &Soaked, minutes: u64, rate: u64) -> String {
    let mut text = String::new();
    let Some((last, took)) = soaked.looks.last() else { return text };
    let line = |text: &mut String, line: std::fmt::Arguments<'_>| {
        let _ = writeln!(text, "{line}");
    };
    line(
        &mut text,
        format_args!(
            "Measured over {minutes} min at {rate} requests per second, with {} outages of the collector of {} s each, {} restarts of Redis, \
             and {} scrapes (the longest took {:.0} ms, the last one had {} KiB). The program took {:.1} % of a core.\n",
            soaked.outages,
            TURN.as_secs(),
            soaked.restarts,
            soaked.looks.len(),
            soaked.longest_scrape.as_secs_f64() * 1e3,
            soaked.scraped_bytes / 1024,
            took.cpu_seconds / (last * 60.0) * 100.0,
        ),
    );
    line(
        &mut text,
        format_args!(
            "| | after the first fifth | at the end | most | slope per hour, without the first fifth |\n|---|---:|---:|---:|---:|"
        ),
    );
    type Resource = fn(&Resources) -> u64;
    let rows: [(&str, Resource); 3] = [
        ("resident memory, KiB", |took| took.resident_kib),
        ("descriptors", |took| took.descriptors),
        ("threads", |took| took.threads),
    ];
    let warm: Vec<_> = soaked.looks.iter().filter(|(minute, _)| *minute > last * WARM_UP).collect();
    for (name, of) in rows {
        let points: Vec<_> = warm.iter().map(|(minute, took)| (minute / 60.0, of(took) as f64)).collect();
        let first = warm.first().map_or(0, |(_, took)| of(took));
        let most = warm.iter().map(|(_, took)| of(took)).max().unwrap_or_default();
        line(&mut text, format_args!("| {name} | {first} | {} | {most} | {:+.1} |", of(took), slope(&points)));
    }
    let (report, latency) = (&soaked.report, &soaked.report.latency);
    line(
        &mut text,
        format_args!(
            "\n{} requests took {:.0} µs at the median, {:.0} µs at p99 and {:.0} µs at p99.9. {} spans were exported and {} dropped.\n",
            report.requests,
            latency.p50 as f64 / 1e3,
            latency.p99 as f64 / 1e3,
            latency.p999 as f64 / 1e3,
            report.exported_spans,
            report.dropped_spans,
        ),
    );
    line(&mut text, format_args!("```text"));
    for law in &report.laws {
        line(&mut text, format_args!("{law}"));
    }
    line(&mut text, format_args!("```"));
    text
}
