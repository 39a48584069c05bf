//! The row types of panels.

use super::query::Query;

/// A panel.
#[derive(Clone, Debug)]
pub struct Panel {
    /// The panel's title.
    pub title: &'static str,
    /// The meaning of its values, in a sentence.
    pub description: &'static str,
    /// The kind of visualization.
    pub kind: Kind,
    /// The share of a line that the panel takes.
    pub size: Size,
    /// The queries that it shows.
    pub queries: Vec<Query>,
}

/// The kind of visualization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// The latest value in large type, above a sparkline.
    Stat(Thresholds),
    /// The latest value on a scale from 0 to 1.
    Gauge(Thresholds),
    /// A line for each series.
    Lines,
    /// Stacked areas, for parts of a whole.
    Areas,
    /// A bar for the latest value of each series.
    BarGauge(Thresholds),
    /// A row for each set of labels, and a column for each query.
    Table {
        /// The column by which rows are sorted, the largest first.
        by: &'static str,
    },
    /// A stripe over time for each series, darker for higher values.
    Heatmap,
    /// Buckets of a histogram over time, darker for more calls.
    Histogram,
    /// A bar over time for each series, colored by its state.
    StateTimeline,
    /// A graph of nodes and edges; the query's labels are `id`, `source` and `target`.
    NodeGraph,
    /// Traces of a service, the newest first.
    TraceList,
    /// The spans of a trace.
    Trace,
}

/// The values at which a panel's color changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Thresholds {
    /// One color for all values.
    None,
    /// Red below the first value, yellow from it, green from the second.
    HigherIsBetter(f64, f64),
    /// Green below the first value, yellow from it, red from the second.
    LowerIsBetter(f64, f64),
}

/// The size of a panel, as a share of a line; the last panel of a line takes the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A sixth of a line, half as high as others.
    Tile,
    /// A quarter of a line, half as high as others.
    WideTile,
    /// A third of a line.
    Third,
    /// Half a line.
    Half,
    /// Two thirds of a line.
    TwoThirds,
    /// A whole line.
    Line,
}

impl Size {
    /// Returns width and height in cells of the grid, which is 24 wide.
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
    /// Returns a panel with the title and description of the rule that the first query reads.
    ///
    /// # Panics
    ///
    /// Panics if the first query reads no recorded series.
    pub(crate) fn of<const N: usize>(kind: Kind, size: Size, queries: [Query; N]) -> Self {
        let rule = queries.first().and_then(|query| query.reads.first()).expect("the row names a rule");
        Self { title: rule.title, description: rule.description, kind, size, queries: queries.into() }
    }

    /// Returns a panel with a title and description of its own.
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
