//! The command line of `tta`.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

mod argument;
mod check;
mod completions;
mod doctor;
mod failure;
mod generate;
mod list;
mod maturity;
mod mcp;
mod output;
mod prices;
mod program;
mod sources;
mod top;
mod up;
mod verdict;

use verdict::Verdict;

const AFTER_HELP: &str = "\
Exit codes:
  0  done, and nothing was found
  1  something was found: a file that differs, a name that does not exist, a program with a fault
  2  the command failed: a wrong argument, a file that cannot be read, a server that does not answer";

/// Generates rules, alerts and dashboards for programs that TTA observes, and checks yours.
#[derive(Debug, Parser)]
#[command(name = "tta", version, after_help = AFTER_HELP)]
struct Tta {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(generate::Generate),
    Check(check::Check),
    Doctor(doctor::Doctor),
    List(list::List),
    Prices(prices::Prices),
    Maturity(maturity::Maturity),
    Mcp(mcp::Mcp),
    Top(top::Top),
    Up(up::Up),
    Completions(completions::Completions),
}

/// Runs the command with these arguments, of which the first is the program's name.
///
/// Returns the exit code: 0 if the command succeeded, 1 if it found something, 2 if it failed.
///
/// ```
/// let code = tta_cli::command::run(["tta", "generate", "--speedup"]);
/// assert_eq!(format!("{code:?}"), format!("{:?}", std::process::ExitCode::from(2)));
/// ```
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    let tta = match Tta::try_parse_from(arguments) {
        Ok(tta) => tta,
        Err(error) => {
            // There is no other place to report that stderr is closed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let result = match tta.command {
        Command::Generate(generate) => generate.run(),
        Command::Check(check) => check.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::List(list) => list.run(),
        Command::Prices(prices) => prices.run(),
        Command::Maturity(maturity) => maturity.run(),
        Command::Mcp(mcp) => mcp.run(),
        Command::Top(top) => top.run(),
        Command::Up(up) => up.run(),
        Command::Completions(completions) => completions.run(Tta::command()),
    };
    match result {
        Ok(Verdict::Clean) => ExitCode::SUCCESS,
        Ok(Verdict::Found) => ExitCode::from(1),
        Err(failure) => {
            // There is no other place to report that stderr is closed.
            let _ = writeln!(std::io::stderr(), "error: {failure}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Tta::command().debug_assert();
    }

    /// Splits a line into words as a shell does, up to a redirection.
    fn words(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut rest = line.trim();
        while !rest.is_empty() && !rest.starts_with('>') {
            let (word, behind) = match rest.strip_prefix('\'') {
                Some(quoted) => quoted.split_once('\'').expect("the quote is closed"),
                None => rest.split_once(' ').unwrap_or((rest, "")),
            };
            words.push(word.to_owned());
            rest = behind.trim_start();
        }
        words
    }

    #[test]
    fn every_example_in_a_commands_help_is_parsed() {
        for command in Tta::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            // Explanations are indented further, and lines with other programs begin with their names.
            let examples: Vec<_> = help.lines().filter(|line| line.starts_with("  tta ")).collect();
            assert!(!examples.is_empty(), "`{command}` has no example");
            for example in examples {
                let words = words(example);
                assert_eq!(words.get(1).map(String::as_str), Some(command.get_name()), "{example}");
                if let Err(error) = Tta::try_parse_from(words) {
                    panic!("{example}\n{error}");
                }
            }
        }
    }
}
