//! `tta top`: a terminal view of a running program.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use ratatui::crossterm;

use super::failure::Failure;
use super::output::Output;
use super::program::Program;
use super::verdict::Verdict;
use crate::top::{Tab, plain_frame, show};

const EXAMPLES: &str = "\
Examples:
  tta top
      Shows the program at http://127.0.0.1:9464: its rates, durations and cost, and its latest, slowest, dearest and failed traces,
      each second anew. `?` lists the keys.
  tta top https://10.0.0.1:9464 --ca authority.pem --token-file token
      Shows another program, with its bearer token.
  tta top --view failed --filter 'workflow=answer_question rate limit' --once
      Prints one frame as plain text.

The program needs the feature `page` of tta-runtime. Nothing is changed.";

/// The size of a frame that no terminal decides.
const COLUMNS: u16 = 80;
const ROWS: u16 = 24;

/// Shows a running program's rates, costs and traces in the terminal
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Top {
    #[command(flatten)]
    program: Program,
    /// The view that is open at first
    #[arg(long, value_enum, default_value = "overview")]
    view: Tab,
    /// Keeps traces with this text; words such as `outcome=timeout` and `min_cost=0.01` keep those with that property
    #[arg(long, value_name = "TEXT", default_value = "")]
    filter: String,
    /// Prints one frame as plain text and ends, as it does where standard output is no terminal
    #[arg(long)]
    once: bool,
}

impl Top {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let program = self.program.open()?;
        let is_terminal = io::stdout().is_terminal();
        if self.once || !is_terminal {
            let (columns, rows) = if is_terminal { size() } else { (COLUMNS, ROWS) };
            let frame = plain_frame(&program, self.view, self.filter, columns, rows).map_err(Failure::NoAnswer)?;
            let mut output = Output::default();
            output.text(frame);
            output.finish()?;
            return Ok(Verdict::Clean);
        }
        let stop_requested = Arc::new(AtomicBool::new(false));
        for signal in STOPPING {
            signal_hook::flag::register(signal, Arc::clone(&stop_requested)).map_err(Failure::Signal)?;
        }
        show(program, self.view, self.filter, &stop_requested).map_err(Failure::Terminal)?;
        Ok(Verdict::Clean)
    }
}

/// The signals that end a program.
#[cfg(unix)]
const STOPPING: [i32; 4] = [
    signal_hook::consts::SIGHUP,
    signal_hook::consts::SIGINT,
    signal_hook::consts::SIGQUIT,
    signal_hook::consts::SIGTERM,
];
#[cfg(not(unix))]
const STOPPING: [i32; 2] = [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];

fn size() -> (u16, u16) {
    crossterm::terminal::size().unwrap_or((COLUMNS, ROWS))
}
