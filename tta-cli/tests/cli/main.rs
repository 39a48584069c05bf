//! What the command `tta` does, seen from outside.

mod dashboards;
mod generate;
mod rules;
mod run;
