//! Runs a fleet of processes with a shared budget through every scenario, and writes a table of what became of it.
//!
//! The arguments are the rounds of each fault, the processes, the calls of each, and the page whose section is written. With
//! `worker` as the first argument it is one process of the fleet.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use tests::fleet::scenario::{Length, Outcome, SCENARIOS, Scenario, run};
use tests::fleet::worker::Task;
use tests::watch::page::write_section;
use tests::watch::report::Law;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let result = match arguments.split_first() {
        Some((word, task)) if word == "worker" => match Task::read(task) {
            Some(task) => task.run().map(|()| true),
            None => Err(io::Error::other("not the task of a worker")),
        },
        _ => lead(&arguments),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs all scenarios; returns whether all laws hold.
fn lead(arguments: &[String]) -> io::Result<bool> {
    let usage = || {
        io::Error::other(
            "write the rounds, the processes, the calls and the page, such as `fleet 3 8 1000 docs/budgets.md`",
        )
    };
    let [rounds, processes, calls, page] = arguments else { return Err(usage()) };
    let (Ok(rounds), Ok(processes), Ok(calls)) = (rounds.parse(), processes.parse(), calls.parse()) else {
        return Err(usage());
    };
    let length = Length { processes, calls, rounds };
    let program = std::env::current_exe()?;
    let mut outcomes = Vec::new();
    for scenario in SCENARIOS {
        eprintln!("{}", scenario.name);
        outcomes.push((scenario, run(scenario, &program, length)?));
    }
    let text = section(&outcomes, length);
    println!("{text}");
    write_section(Path::new(page), "fleet", &text)?;
    Ok(outcomes.iter().all(|(_, outcome)| outcome.laws.iter().all(Law::holds)))
}

fn section(outcomes: &[(&Scenario, Outcome)], length: Length) -> String {
    let laws: usize = outcomes.iter().map(|(_, outcome)| outcome.laws.len()).sum();
    let broken: Vec<_> = outcomes
        .iter()
        .flat_map(|(scenario, outcome)| outcome.laws.iter().map(move |law| (scenario.name, law)))
        .filter(|(_, law)| !law.holds())
        .collect();
    let Length { processes, calls, rounds } = length;
    let mut text = format!(
        "{processes} processes with {calls} calls each, each fault {rounds} {}; a window of 4 s, a lease of 1 s, a limit \
         of $2.00 a window. {} of {laws} laws hold.\n\n\
         | fault | passed | refused | killed | requests to Redis per call | beyond the limit, by the books | set aside after a lease |\n\
         |---|---|---|---|---|---|---|\n",
        if rounds == 1 { "time" } else { "times" },
        laws - broken.len()
    );
    for (scenario, outcome) in outcomes {
        let Outcome { passed, refused, killed, exchanges: (exchanges, attempts), .. } = outcome;
        let left = |number: &str| outcome.laws.iter().find(|law| law.number == number).map_or(0, |law| law.left);
        let per_call = *exchanges as f64 / *attempts as f64 * 100.0;
        let times = match scenario.times_the_calls {
            1 => String::new(),
            times => format!(" ({times} times the calls)"),
        };
        let _ = writeln!(
            text,
            "| {}{times} | {passed} | {refused} | {killed} | {per_call:.1} % | {} | {} |",
            scenario.name,
            left("B1"),
            left("B3"),
        );
    }
    for (scenario, law) in broken {
        let _ = writeln!(text, "\n{scenario}: {law}");
    }
    text
}
