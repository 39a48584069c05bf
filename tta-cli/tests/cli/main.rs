//! What the command `tta` does, seen from outside.

mod check;
mod completions;
mod compose;
mod dashboards;
mod generate;
mod list;
mod maturity;
mod output;
mod rules;
mod run;
mod up;
