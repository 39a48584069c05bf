//! What the command `tta` is made of: rules, alerts and dashboards as rows of data, and what reads, checks and writes them.
//!
//! Users run the command (`tta --help`); the library is for its tests, and for programs that write rules of their own beside these.

pub mod annotated;
pub mod command;
pub mod dashboard;
pub mod document;
pub mod file;
pub mod files;
pub mod maturity;
pub mod promql;
pub mod rule;

mod server;
mod shipped;
