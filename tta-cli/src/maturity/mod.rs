//! The maturity of components, computed from reports on coverage, mutation tests and complexity.

mod clippy;
mod component;
mod counts;
mod coverage;
mod metric;
mod mutants;
mod package;

pub use clippy::complexities;
pub use component::{Complexity, Component, Gates, STAGES};
pub use counts::Counts;
pub use coverage::line_counts;
pub use metric::{COMPONENT_METRICS, ComponentMetric, render};
pub use mutants::mutant_counts;
