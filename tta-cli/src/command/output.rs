//! The standard output of a command. A closed pipe ends the output, not the command's work.

use std::fmt::Display;
use std::io::{self, Write as _};

use super::failure::Failure;

/// The standard output, with the first error of writing to it.
#[derive(Debug, Default)]
pub(super) struct Output {
    error: Option<io::Error>,
}

impl Output {
    /// Writes a line; does nothing after an error.
    pub(super) fn line(&mut self, line: impl Display) {
        self.text(format_args!("{line}\n"));
    }

    /// Writes a text; does nothing after an error.
    pub(super) fn text(&mut self, text: impl Display) {
        if self.error.is_none() {
            let mut stdout = io::stdout().lock();
            self.error = write!(stdout, "{text}").and_then(|()| stdout.flush()).err();
        }
    }

    /// Returns the first error of writing, if there was one.
    ///
    /// # Errors
    ///
    /// Returns an error if part of the output could not be written.
    pub(super) fn finish(self) -> Result<(), Failure> {
        self.error.map_or(Ok(()), |error| Err(Failure::Output(error)))
    }
}
