//! Annotates every function or `impl` block of a crate, and reads what the compiler says about it.
//!
//! ```text
//! corpus annotate functions|blocks SOURCES COPY [SITES]   copies a source directory, annotated; prints the counts
//! corpus messages functions|blocks SOURCES < JSON         prints the compiler's messages, one a line
//! ```
//!
//! `SITES` is a file with one `path:line` a line, as `messages` prints them: functions that stay as they are.

mod annotate;
mod messages;
mod sites;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use sites::Mode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["annotate", mode, sources, copy] => annotate(mode, sources, copy, ""),
        ["annotate", mode, sources, copy, sites] => {
            fs::read_to_string(sites).and_then(|sites| annotate(mode, sources, copy, &sites))
        }
        ["messages", mode, sources] => mode_of(mode).and_then(|mode| messages::print(mode, Path::new(sources))),
        _ => Err(io::Error::other("usage: corpus annotate MODE SOURCES COPY [SITES] | corpus messages MODE SOURCES")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("corpus: {error}");
            ExitCode::FAILURE
        }
    }
}

fn mode_of(word: &str) -> io::Result<Mode> {
    match word {
        "functions" => Ok(Mode::Functions),
        "blocks" => Ok(Mode::Blocks),
        _ => Err(io::Error::other(format!("unknown mode `{word}`; write `functions` or `blocks`"))),
    }
}

fn annotate(mode: &str, sources: &str, copy: &str, left_out: &str) -> io::Result<()> {
    let left_out: BTreeSet<&str> = left_out.lines().collect();
    let counts = annotate::directory(mode_of(mode)?, Path::new(sources), Path::new(copy), &left_out)?;
    println!("{counts}");
    Ok(())
}
