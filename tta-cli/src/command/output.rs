//! What a command says, line after line: who stops listening ends the words, not the work.

use std::fmt::Display;
use std::io::{self, Write as _};

use super::failure::Failure;

/// The standard output, with the first error that it met.
#[derive(Debug, Default)]
pub(super) struct Output {
    error: Option<io::Error>,
}

impl Output {
    /// Writes a line; nothing more once one could not be written.
    pub(super) fn line(&mut self, line: impl Display) {
        self.text(format_args!("{line}\n"));
    }

    /// Writes a text as it is.
    pub(super) fn text(&mut self, text: impl Display) {
        if self.error.is_none() {
            let mut stdout = io::stdout().lock();
            self.error = write!(stdout, "{text}").and_then(|()| stdout.flush()).err();
        }
    }

    /// Ends the output.
    ///
    /// # Errors
    ///
    /// Fails where part of it could not be written.
    pub(super) fn finish(self) -> Result<(), Failure> {
        self.error.map_or(Ok(()), |error| Err(Failure::Output(error)))
    }
}
