//! The length of answers: lists and texts end where the answer would become too long.

use serde::Serialize;

use crate::json_length::{escaped, length};

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

/// The bytes that are left in an answer with several lists and texts, none of which goes on in another answer.
pub(super) struct Room(usize);

impl Room {
    pub(super) fn new() -> Self {
        Self(LONGEST - MARGIN)
    }

    /// Returns the rows that fit, and how many do not. A row that is too long does not keep out those behind it.
    pub(super) fn rows<T: Serialize>(&mut self, rows: impl Iterator<Item = T>) -> (Vec<T>, usize) {
        let mut left_out = 0;
        let mut kept = Vec::new();
        for row in rows {
            // With the comma behind it.
            match self.0.checked_sub(length(&row) + 1) {
                Some(left) => {
                    self.0 = left;
                    kept.push(row);
                }
                None => left_out += 1,
            }
        }
        (kept, left_out)
    }

    /// Returns a text, cut off where it would take more than an eighth of an answer.
    pub(super) fn text(&mut self, text: &str) -> String {
        let before = self.0.min(LONGEST / 8);
        let mut left = before;
        let fits = |letter: &char| match left.checked_sub(escaped(*letter)) {
            Some(less) => {
                left = less;
                true
            }
            None => false,
        };
        let kept = text.chars().take_while(fits).collect();
        self.0 -= before - left;
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Room, bounded};
    use crate::json_length::length;

    #[test]
    fn rows_are_taken_until_the_answer_is_full_and_one_at_least() {
        let rows = bounded(std::iter::repeat_n("x".repeat(1_000), 10_000));
        let bytes = serde_json::to_vec(&rows).map_or(0, |json| json.len());
        assert!((LONGEST - (70 << 10)..LONGEST).contains(&bytes), "{bytes}");
        assert_eq!(bounded(std::iter::repeat_n("x".repeat(2 * LONGEST), 3)).len(), 1);
    }

    #[test]
    fn lists_and_texts_share_the_room() {
        let mut room = Room::new();
        let texts: Vec<_> = (0..5).map(|_| room.text(&"\u{1}".repeat(LONGEST))).collect();
        assert!(texts.iter().all(|text| text.len() == LONGEST / 8 / 6));
        let long = "x".repeat(LONGEST);
        let rows = [long.clone(), "short".to_owned(), long, "also short".to_owned()];
        assert_eq!(room.rows(rows.into_iter()), (vec!["short".to_owned(), "also short".to_owned()], 2));
        let (rows, left_out) = room.rows(std::iter::repeat_n("y".repeat(1_000), 10_000));
        assert_eq!(rows.len() + left_out, 10_000);
        let bytes = length(&(texts, rows));
        assert!((LONGEST - (70 << 10)..LONGEST).contains(&bytes), "{bytes}");
    }
}
