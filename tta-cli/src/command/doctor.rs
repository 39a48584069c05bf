//! `tta doctor`: says what is wrong with running programs.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::output::Output;
use super::verdict::Verdict;
use crate::doctor::{Access, Address, Examined, Program, Unreachable, examine, targets};

const EXAMPLES: &str = "\
Examples:
  tta doctor
      Asks the program at http://127.0.0.1:9464 for its metrics and its status, and says in a line for each fault what is wrong and what
      to do: exports that fail, spans that are lost, labels with too many values, models without a price, old prices, a wrong clock,
      missing scrapes.
  tta doctor http://10.0.0.1:9464 http://10.0.0.2:9464 --prometheus http://prometheus:9090
      Asks two replicas, finds out whether they can be told apart, and asks Prometheus whether it scrapes them.
  tta doctor https://10.0.0.1:9464 --ca authority.pem --token-file token
      Trusts an authority of your own, and presents the bearer token in a file.

Exit codes:
  0  nothing is wrong
  1  something is wrong, and was printed
  2  a program or the Prometheus cannot be asked; what the others have was printed";

/// Says what is wrong with running programs, and what to do about it
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Doctor {
    /// The addresses of running programs
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:9464")]
    addresses: Vec<String>,
    /// The address of the Prometheus that should scrape them
    #[arg(long, value_name = "URL")]
    prometheus: Option<String>,
    /// A file with the bearer token of the programs; an address with a user of its own does not get it
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A file with certificates (PEM) of authorities to trust, beside those of the system
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Doctor {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let token = self.token_file.map(|path| {
            let token = std::fs::read_to_string(&path).map_err(|source| Failure::Read { path, source });
            token.map(|token| token.trim().to_owned())
        });
        let access = Access::new(token.transpose()?, self.ca.as_deref()).map_err(failure)?;
        let (mut programs, mut failures) = (Vec::new(), Vec::new());
        let mut addresses = Vec::<Address>::new();
        for text in &self.addresses {
            match Address::parse(text) {
                // The same program twice would look like two with one name.
                Ok(address) if addresses.iter().any(|known| known.is_same(&address)) => {}
                Ok(address) => addresses.push(address),
                Err(unreachable) => failures.push(failure(unreachable)),
            }
        }
        for address in &addresses {
            match Program::ask(address, &access) {
                Ok(program) => programs.push(program),
                Err(unreachable) => failures.push(failure(unreachable)),
            }
        }
        let asked = self.prometheus.map(|address| targets(&Address::parse(&address)?, &access));
        let targets = asked.transpose().unwrap_or_else(|unreachable| {
            failures.push(failure(unreachable));
            None
        });
        let verdict = report(&Examined { programs, targets })?;
        let last = failures.pop();
        for failure in failures {
            // There is no other place to report that stderr is closed.
            let _ = writeln!(std::io::stderr(), "error: {failure}");
        }
        last.map_or(Ok(verdict), Err)
    }
}

fn report(examined: &Examined) -> Result<Verdict, Failure> {
    let mut output = Output::default();
    for program in examined.programs.iter().filter(|program| !program.has_status()) {
        output
            .line(format_args!("{}: note: it serves no `/status`, so only its metrics were examined", program.address));
    }
    let findings = examine(examined);
    for finding in &findings {
        output.line(finding);
    }
    output.finish()?;
    Ok(if findings.is_empty() { Verdict::Clean } else { Verdict::Found })
}

fn failure(Unreachable { url, reason }: Unreachable) -> Failure {
    Failure::Fetch { url, reason }
}
