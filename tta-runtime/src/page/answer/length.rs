//! The length of answers: a list ends where the answer would become too long.

use std::io;

use serde::Serialize;

/// The longest answer, in bytes.
pub(super) const LONGEST: usize = 4 << 20;

/// Room for the envelope, and for what stands around a list.
const MARGIN: usize = 64 << 10;

/// Returns the first rows of a list that fit into an answer: at least one, so that the next answer goes on behind it.
pub(super) fn bounded<T: Serialize>(rows: impl Iterator<Item = T>) -> Vec<T> {
    let mut left = LONGEST - MARGIN;
    let mut kept = Vec::new();
    for row in rows {
        // With the comma behind it.
        let bytes = length(&row) + 1;
        if bytes > left && !kept.is_empty() {
            break;
        }
        left = left.saturating_sub(bytes);
        kept.push(row);
    }
    kept
}

/// Returns the bytes that a value takes in JSON.
fn length(value: &impl Serialize) -> usize {
    let mut counted = Counted(0);
    // Counting never fails, and a value that cannot be written fails where it is.
    let _ = serde_json::to_writer(&mut counted, value);
    counted.0
}

struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, bounded};

    #[test]
    fn rows_are_taken_until_the_answer_is_full_and_one_at_least() {
        let rows = bounded(std::iter::repeat_n("x".repeat(1_000), 10_000));
        let bytes = serde_json::to_vec(&rows).map_or(0, |json| json.len());
        assert!((LONGEST - (70 << 10)..LONGEST).contains(&bytes), "{bytes}");
        assert_eq!(bounded(std::iter::repeat_n("x".repeat(2 * LONGEST), 3)).len(), 1);
    }
}
