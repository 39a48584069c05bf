//! The report of a program under load: its laws at rest, and how long its requests took.

use serde::{Deserialize, Serialize};

/// What the program `load` prints when all of its work has ended.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Report {
    /// Requests that were served.
    pub requests: u64,
    /// The time that they took, those of the first seconds left out.
    pub latency: Latency,
    /// The laws, as of a moment without work.
    pub laws: Vec<Law>,
    /// Spans that the library counts as exported.
    pub exported_spans: u64,
    /// Spans that it counts as dropped.
    pub dropped_spans: u64,
}

/// Quantiles of durations in nanoseconds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Latency {
    /// The median.
    pub p50: u64,
    /// 99 % took at most this.
    pub p99: u64,
    /// 99.9 % took at most this.
    pub p999: u64,
}

/// One law of the ledger: what the library counts, and what the program's own books say.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Law {
    /// Its number, such as `E1`.
    pub number: String,
    /// The two sides in words.
    pub words: String,
    /// The left side.
    pub left: u64,
    /// How the sides compare.
    pub relation: Relation,
    /// The right side.
    pub right: u64,
}

/// How two sides compare.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum Relation {
    /// They are equal.
    Equal,
    /// The left side is not greater.
    AtMost,
}

impl Law {
    /// Returns whether it holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        match self.relation {
            Relation::Equal => self.left == self.right,
            Relation::AtMost => self.left <= self.right,
        }
    }
}

impl std::fmt::Display for Law {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let relation = match (self.relation, self.holds()) {
            (Relation::Equal, true) => "=",
            (Relation::Equal, false) => "≠",
            (Relation::AtMost, true) => "≤",
            (Relation::AtMost, false) => ">",
        };
        write!(formatter, "{} {}: {} {relation} {}", self.number, self.words, self.left, self.right)
    }
}
