//! How mature components are, read off the reports of the tools that measure it.

mod clippy;
mod component;
mod counts;
mod coverage;
mod mutants;
mod package;
mod text;

pub use clippy::complexities;
pub use component::{Complexity, Component, Gates, STAGES};
pub use counts::Counts;
pub use coverage::line_counts;
pub use mutants::outcome_counts;
pub use text::text;
