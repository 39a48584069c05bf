//! Cursors: the position up to which a client has read, in this instance.

use std::fmt;

/// A position in one instance's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor<'a> {
    instance: &'a str,
    position: u64,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(instance: &'a str, position: u64) -> Self {
        Self { instance, position }
    }

    /// Returns the position that `since` names, `None` if it is not one of this instance.
    pub(super) fn read(since: Option<&str>, instance: &str) -> Option<u64> {
        let (of, position) = since?.split_once('-')?;
        position.parse().ok().filter(|_| of == instance)
    }
}

impl fmt::Display for Cursor<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.instance, self.position)
    }
}
