//! Text on standard output, whose reader may leave before the end.

use std::io::{self, Write as _};

/// Prints `text` and a line end.
pub(crate) fn print(text: &str) {
    // A reader such as `head` that has seen enough is no reason to fail, as `println!` would.
    let _ = writeln!(io::stdout(), "{text}");
}
