//! What a panel's row says.

use super::query::Query;

/// A panel.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Its title.
    pub title: &'static str,
    /// What its numbers mean, in a sentence.
    pub description: &'static str,
    /// How they are drawn.
    pub kind: Kind,
    /// How much of a line it takes.
    pub size: Size,
    /// Where they come from.
    pub queries: Vec<Query>,
}

/// How numbers are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// The newest number, large, with its course behind it.
    Stat(Thresholds),
    /// The newest number on a scale from 0 to 1.
    Gauge(Thresholds),
    /// A line for each series.
    Lines,
    /// Areas on top of each other: parts of a whole.
    Areas,
    /// A bar for each series' newest number, the longest first.
    BarGauge(Thresholds),
    /// A row for each set of labels, and a column for each query.
    Table {
        /// The column by which rows are sorted, the largest first.
        by: &'static str,
    },
    /// A stripe for each series, darker where its number is higher.
    Heatmap,
    /// Buckets of a histogram over time, darker where more calls are.
    Histogram,
    /// A bar over time for each series, in the colour of its state.
    StateTimeline,
    /// Nodes and the edges between them; the query's labels are `id`, `source` and `target`.
    NodeGraph,
    /// Traces of a service, the newest first.
    TraceList,
    /// The spans of a trace on a time scale.
    Trace,
}

/// Which numbers are good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Thresholds {
    /// None is better than another.
    None,
    /// Higher is better: red, from the first number yellow, from the second green.
    HigherIsBetter(f64, f64),
    /// Lower is better: green, from the first number yellow, from the second red.
    LowerIsBetter(f64, f64),
}

/// How much of a line a panel takes; the last one of a line takes what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A sixth, and low.
    Tile,
    /// A quarter, and low.
    WideTile,
    /// A third.
    Third,
    /// A half.
    Half,
    /// Two thirds.
    TwoThirds,
    /// All of it.
    Line,
}

impl Size {
    /// Returns the width, of 24, and the height.
    pub(crate) fn cells(self) -> (u32, u32) {
        match self {
            Self::Tile => (4, 4),
            Self::WideTile => (6, 4),
            Self::Third => (8, 8),
            Self::Half => (12, 8),
            Self::TwoThirds => (16, 8),
            Self::Line => (24, 9),
        }
    }
}

impl Panel {
    /// Shows the first query's rule, under the rule's title.
    ///
    /// # Panics
    ///
    /// Panics if the first query reads no recorded series.
    pub(crate) fn of<const N: usize>(kind: Kind, size: Size, queries: [Query; N]) -> Self {
        let rule = queries.first().and_then(|query| query.reads.first()).expect("the row names a rule");
        Self { title: rule.title, description: rule.description, kind, size, queries: queries.into() }
    }

    /// Shows what queries answer.
    pub(crate) fn new<const N: usize>(
        title: &'static str,
        description: &'static str,
        kind: Kind,
        size: Size,
        queries: [Query; N],
    ) -> Self {
        Self { title, description, kind, size, queries: queries.into() }
    }
}
