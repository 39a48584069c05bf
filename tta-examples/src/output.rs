//! Standard output that tolerates a closed pipe.

use std::io::{self, Write as _};

/// Prints `text` and a newline; ignores errors.
pub(crate) fn print(text: &str) {
    // `println!` would panic when a reader such as `head` closes the pipe.
    let _ = writeln!(io::stdout(), "{text}");
}
