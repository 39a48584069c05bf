//! The books that each process keeps in a file, independent of the budget: they survive `kill -9`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// The file of one process.
#[derive(Debug)]
pub struct BookFile(File);

/// The books of one process, as read from its file.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// Calls that passed.
    pub calls: Vec<BookedCall>,
    /// The times at which calls were refused.
    pub refused: Vec<u64>,
    /// The requests to Redis; `None` if the process was killed.
    pub exchanges: Option<u64>,
}

/// A call that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookedCall {
    /// Before it reserved, in milliseconds since the Unix epoch.
    pub before: u64,
    /// After it had reserved.
    pub after: u64,
    /// The nano-dollars that it reserved.
    pub most: u64,
    /// The nano-dollars that it spent; `None` if the process was killed meanwhile.
    pub spent: Option<u64>,
}

impl BookFile {
    /// Creates the file.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be created.
    pub fn create(path: &Path) -> io::Result<Self> {
        OpenOptions::new().create(true).append(true).open(path).map(Self)
    }

    /// Books a call that passed, by a number of its own.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    pub fn passed(&mut self, number: u64, before: u64, after: u64, most: u64) -> io::Result<()> {
        self.line(&format!("passed {number} {before} {after} {most}\n"))
    }

    /// Books what a call spent.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    pub fn spent(&mut self, number: u64, spent: u64) -> io::Result<()> {
        self.line(&format!("spent {number} {spent}\n"))
    }

    /// Books a call that was refused.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    pub fn refused(&mut self, at: u64) -> io::Result<()> {
        self.line(&format!("refused {at}\n"))
    }

    /// Books the end of the process.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    pub fn ended(&mut self, exchanges: u64) -> io::Result<()> {
        self.line(&format!("ended {exchanges}\n"))
    }

    /// Writes a line at once, so that a killed process leaves whole lines.
    fn line(&mut self, line: &str) -> io::Result<()> {
        self.0.write_all(line.as_bytes())
    }
}

impl Books {
    /// Reads the file of a process.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be read, or has other lines.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let (mut books, mut numbers) = (Self::default(), Vec::new());
        for line in text.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let fields: Result<Vec<u64>, _> = rest.split(' ').map(str::parse).collect();
            let fields = fields.map_err(|error| io::Error::other(format!("{line}: {error}")))?;
            match (word, fields.as_slice()) {
                ("passed", &[number, before, after, most]) => {
                    numbers.push(number);
                    books.calls.push(BookedCall { before, after, most, spent: None });
                }
                ("spent", &[number, spent]) => {
                    let call = numbers.iter().position(|known| *known == number);
                    let call = call.and_then(|call| books.calls.get_mut(call));
                    call.ok_or_else(|| io::Error::other(format!("{line}: no such call")))?.spent = Some(spent);
                }
                ("refused", &[at]) => books.refused.push(at),
                ("ended", &[exchanges]) => books.exchanges = Some(exchanges),
                _ => return Err(io::Error::other(format!("an unknown line: {line}"))),
            }
        }
        Ok(books)
    }

    /// Returns the number of calls, those refused included.
    #[must_use]
    pub fn attempts(&self) -> u64 {
        (self.calls.len() + self.refused.len()) as u64
    }

    /// Returns whether the process was killed.
    #[must_use]
    pub fn was_killed(&self) -> bool {
        self.exchanges.is_none()
    }

    /// Returns the nano-dollars that calls spent, without those that a kill cut off.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.calls.iter().filter_map(|call| call.spent).sum()
    }
}

impl BookedCall {
    /// Returns the most that it has cost: what it spent, or what it reserved if the process was killed meanwhile.
    #[must_use]
    pub fn cost(&self) -> u64 {
        self.spent.unwrap_or(self.most)
    }
}
