//! Faults in a price file that a JSON parser does not report: keys that occur twice, and numbers that become 0.

use std::collections::BTreeSet;

/// A fault in valid JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line, from 1.
    pub(super) line: usize,
    /// The keys from the outermost object to the fault, such as `gpt-4o.input_cost_per_token`.
    pub(super) key: String,
    pub(super) kind: FaultKind,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// The key occurs for the second time in its object.
    DuplicateKey,
    /// The number is not 0, and too small for a float.
    Underflow(String),
}

/// An object or a list that is not closed yet.
#[derive(Default)]
struct Level {
    keys: BTreeSet<String>,
    /// The latest key.
    key: Option<String>,
    is_object: bool,
    /// In an object: a key comes before the next value.
    expects_key: bool,
}

/// Returns the first fault in a text that is valid JSON.
pub(super) fn first_fault(text: &str) -> Option<Fault> {
    let mut levels: Vec<Level> = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        match first {
            '\n' => line += 1,
            '{' | '[' => {
                let is_object = first == '{';
                levels.push(Level { is_object, expects_key: is_object, ..Level::default() });
            }
            '}' | ']' => {
                levels.pop();
            }
            ',' => {
                if let Some(level) = levels.last_mut() {
                    level.expects_key = level.is_object;
                }
            }
            '"' => {
                length = string_length(rest);
                if let Some(level) = levels.last_mut().filter(|level| level.expects_key) {
                    let written = rest.get(..length).unwrap_or_default();
                    let key: String = serde_json::from_str(written).unwrap_or_default();
                    level.expects_key = false;
                    level.key = Some(key.clone());
                    if !level.keys.insert(key) {
                        return Some(Fault { line, key: path(&levels), kind: FaultKind::DuplicateKey });
                    }
                }
            }
            '-' | '0'..='9' => {
                length =
                    rest.find(|c: char| !matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9')).unwrap_or(rest.len());
                let number = rest.get(..length).unwrap_or_default();
                let digits = number.split(['e', 'E']).next().unwrap_or_default();
                if digits.contains(|c: char| ('1'..='9').contains(&c)) && number.parse() == Ok(0.0) {
                    return Some(Fault { line, key: path(&levels), kind: FaultKind::Underflow(number.to_owned()) });
                }
            }
            _ => {}
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    None
}

/// Returns the length of the string literal at the start of a text, with its quotes.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

fn path(levels: &[Level]) -> String {
    levels.iter().filter_map(|level| level.key.as_deref()).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultKind, first_fault};

    #[test]
    fn duplicate_keys_and_vanishing_numbers_are_found_with_their_line() {
        let fault = |text: &str| first_fault(text).map(|Fault { line, key, kind }| (line, key, kind));
        let twice = |line, key: &str| Some((line, key.to_owned(), FaultKind::DuplicateKey));
        assert_eq!(fault("{\"a\": {\"x\": 1},\n \"b\": {\"x\": 1, \"y\": [{\"x\": 0}, {\"x\": 0}]}}"), None);
        assert_eq!(fault("{\"a\": 1,\n\"b\": 1,\n\"\\u0061\": 2}"), twice(3, "a"));
        assert_eq!(fault("{\"a\": {\"x\\\"{\": 1,\n\"x\\\"{\": 2}}"), twice(2, "a.x\"{"));
        let vanishing = Some((2, "a.x".to_owned(), FaultKind::Underflow("-1.0E-400".to_owned())));
        assert_eq!(fault("{\"a\": {\n\"x\": -1.0E-400}}"), vanishing);
        assert_eq!(fault("{\"a\": [0, 0.0, 0e-400, 1e-300, \"1e-400, {\"]}"), None);
    }
}
