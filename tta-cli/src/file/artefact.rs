//! A generated file.

use std::io;
use std::path::{Path, PathBuf};

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// The path, relative to the output folder.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
}

/// The state on disk of a generated file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The file has the generated text.
    Equal,
    /// The file has another text.
    Different,
    /// The file does not exist.
    Missing,
}

impl Artefact {
    pub(crate) fn new(path: &str, text: String) -> Self {
        Self { path: path.into(), text }
    }

    /// Compares the artefact with the file at its path below `folder`.
    ///
    /// # Errors
    ///
    /// Returns an error if the file exists and cannot be read.
    pub fn state(&self, folder: &Path) -> io::Result<State> {
        match std::fs::read(folder.join(&self.path)) {
            Ok(bytes) if bytes == self.text.as_bytes() => Ok(State::Equal),
            Ok(_) => Ok(State::Different),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::Missing),
            Err(error) => Err(error),
        }
    }

    /// Writes the artefact to its path below `folder`, and creates missing folders.
    ///
    /// # Errors
    ///
    /// Returns an error if a folder cannot be created or the file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let path = folder.join(&self.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, &self.text)
    }
}
