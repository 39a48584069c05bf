//! The command `tta`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tta_cli::command::run(std::env::args_os())
}
