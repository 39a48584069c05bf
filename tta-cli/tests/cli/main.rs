//! What the command `tta` does, seen from outside.

mod generate;
mod rules;
mod run;
