//! Compares what the compiler says about each case bare, with `#[primitive]`, and with `#[tracing::instrument]`.
//!
//! ```text
//! messages CASES BARE PRIMITIVE INSTRUMENT
//! ```
//!
//! The last three are the JSON messages of `cargo check --examples`. It prints the table of `docs/expansion.md`.

mod likeness;
mod report;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use likeness::Likeness;
use report::Report;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [cases, bare, ours, theirs] = &arguments[..] else {
        eprintln!("usage: messages CASES BARE PRIMITIVE INSTRUMENT");
        return ExitCode::FAILURE;
    };
    match table(Path::new(cases), bare, ours, theirs) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("messages: {error}");
            ExitCode::FAILURE
        }
    }
}

fn table(cases: &Path, bare: &str, ours: &str, theirs: &str) -> io::Result<()> {
    let [bare, ours, theirs] = [report::read(bare)?, report::read(ours)?, report::read(theirs)?];
    let mut rows = Vec::new();
    let mut counts = [BTreeMap::<Likeness, usize>::new(), BTreeMap::new()];
    let mut internals = 0;
    for (case, bare) in &bare {
        let none = Report::default();
        let (ours, theirs) = (ours.get(case).unwrap_or(&none), theirs.get(case).unwrap_or(&none));
        let likenesses = [likeness::compare(bare, ours), likeness::compare(bare, theirs)];
        for (counts, likeness) in counts.iter_mut().zip(likenesses) {
            *counts.entry(likeness).or_default() += 1;
        }
        let mut remarks = Vec::new();
        if likenesses[0] == Likeness::Other {
            remarks.push(ours.first().map_or_else(|| "no error".to_owned(), |error| error.text.replace('|', "\\|")));
        }
        if ours.errors.len() != bare.errors.len() {
            remarks.push(format!("{} errors for {}", ours.errors.len(), bare.errors.len()));
        }
        if ours.names_an_internal {
            internals += 1;
            remarks.push("names an internal".to_owned());
        }
        let source = fs::read_to_string(cases.join(format!("{case}.rs")))?;
        let mistake = source.lines().next().unwrap_or_default().trim_start_matches("//! ").trim_end_matches('.');
        rows.push(format!("| {mistake} | {} | {} | {} |", likenesses[0], likenesses[1], remarks.join("; ")));
    }
    let all = bare.len();
    for (attribute, counts) in ["`#[primitive]`", "`#[instrument]`"].into_iter().zip(&counts) {
        let [equal, alike, other] = [Likeness::Equal, Likeness::SpanAndText, Likeness::Other]
            .map(|likeness| counts.get(&likeness).copied().unwrap_or_default());
        println!("- {attribute}: {equal} of {all} equal, {alike} with the same span and text, {other} other.");
    }
    println!("- {internals} messages of `#[primitive]` name an internal of it.\n");
    println!(
        "| mistake | `#[primitive]` | `#[instrument]` | what differs for `#[primitive]` |\n| --- | --- | --- | --- |"
    );
    println!("{}", rows.join("\n"));
    Ok(())
}
