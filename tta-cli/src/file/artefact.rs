//! A generated file: its path and text, its state on disk, and how it is written.

use std::io;
use std::path::{Path, PathBuf};

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// Its place below the folder that is written to.
    pub path: PathBuf,
    /// All of its text.
    pub text: String,
}

/// What stands where an artefact belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The artefact.
    Equal,
    /// Another text.
    Different,
    /// Nothing.
    Missing,
}

impl Artefact {
    pub(crate) fn new(path: &str, text: String) -> Self {
        Self { path: path.into(), text }
    }

    /// Returns what stands in its place below a folder.
    ///
    /// # Errors
    ///
    /// Fails where there is something that cannot be read.
    pub fn state(&self, folder: &Path) -> io::Result<State> {
        match std::fs::read(folder.join(&self.path)) {
            Ok(bytes) if bytes == self.text.as_bytes() => Ok(State::Equal),
            Ok(_) => Ok(State::Different),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::Missing),
            Err(error) => Err(error),
        }
    }

    /// Writes it to its place below a folder, which is made where it is missing.
    ///
    /// # Errors
    ///
    /// Fails where the folder cannot be made or the file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let path = folder.join(&self.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, &self.text)
    }
}
