//! Runs the program `load` through every scenario of faults, and writes a table of what became of it.
//!
//! The arguments are the seconds of each scenario, the requests per second, and the page whose section is written.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use tests::watch::page::write_section;
use tests::watch::report::Law;
use tests::watch::scenario::{Outcome, SCENARIOS, Scenario, run};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [seconds, rate, page] = arguments.as_slice() else {
        eprintln!(
            "write the seconds, the requests per second and the page, such as `chaos 60 100 docs/reliability.md`"
        );
        return ExitCode::FAILURE;
    };
    let (Ok(seconds), Ok(rate)) = (seconds.parse(), rate.parse()) else {
        eprintln!("`{seconds}` and `{rate}` must be whole numbers");
        return ExitCode::FAILURE;
    };
    let outcomes = match all(Duration::from_secs(seconds), rate) {
        Ok(outcomes) => outcomes,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let text = section(&outcomes, seconds, rate);
    println!("{text}");
    if let Err(error) = write_section(Path::new(page), "chaos", &text) {
        eprintln!("{page}: {error}");
        return ExitCode::FAILURE;
    }
    if outcomes.iter().all(|(_, outcome)| outcome.report.laws.iter().all(Law::holds)) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn all(length: Duration, rate: u64) -> io::Result<Vec<(&'static Scenario, Outcome)>> {
    let load = std::env::current_exe()?.with_file_name("load");
    let one = |scenario: &'static Scenario| {
        eprintln!("{}", scenario.name);
        Ok((scenario, run(scenario, &load, rate, length)?))
    };
    SCENARIOS.iter().map(one).collect()
}

fn section(outcomes: &[(&Scenario, Outcome)], seconds: u64, rate: u64) -> String {
    let laws: usize = outcomes.iter().map(|(_, outcome)| outcome.report.laws.len()).sum();
    let broken: Vec<_> = outcomes
        .iter()
        .flat_map(|(scenario, outcome)| outcome.report.laws.iter().map(move |law| (scenario.name, law)))
        .filter(|(_, law)| !law.holds())
        .collect();
    let mut text = format!(
        "Each scenario lasted {seconds} s at {rate} requests per second. Of {laws} laws, {} held.\n\n\
         | scenario | requests | median, µs | p99, µs | p99.9, µs | spans exported | dropped | memory, MiB | most, MiB | descriptors | threads | longest scrape, ms |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        laws - broken.len(),
    );
    for (scenario, outcome) in outcomes {
        let (report, micros) = (&outcome.report, |nanos: u64| nanos / 1_000);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {:.1} | {:.1} | {} to {} | {} to {} | {:.0} |",
            scenario.name,
            report.requests,
            micros(report.latency.p50),
            micros(report.latency.p99),
            micros(report.latency.p999),
            report.exported_spans,
            report.dropped_spans,
            outcome.before.resident_kib as f64 / 1_024.0,
            outcome.peak_resident_kib as f64 / 1_024.0,
            outcome.before.descriptors,
            outcome.after.descriptors,
            outcome.before.threads,
            outcome.after.threads,
            outcome.longest_scrape.as_secs_f64() * 1e3,
        );
    }
    if let Some((_, outcome)) = outcomes.first() {
        let _ = writeln!(text, "\nThe laws, with the numbers of the first scenario:\n\n```text");
        for law in &outcome.report.laws {
            let _ = writeln!(text, "{law}");
        }
        let _ = writeln!(text, "```");
    }
    for (scenario, law) in broken {
        let _ = writeln!(text, "\nBroken: {scenario}: {law}");
    }
    text
}
