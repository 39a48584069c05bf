//! Tests of the command `tta` from outside, and of the files that it generates.

mod check;
mod completions;
mod compose;
mod dashboards;
mod generate;
mod list;
mod maturity;
mod mcp;
mod native;
mod output;
mod prices;
mod rules;
mod run;
mod stand_in;
#[cfg(unix)]
mod top;
mod up;
