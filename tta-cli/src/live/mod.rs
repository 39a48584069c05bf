//! Reads the live page's API of a running program, for coding agents.

mod explanation;
mod fitted;
mod program;
mod span_tree;
mod tool;

pub use self::program::LiveProgram;
pub use self::tool::{TOOLS, Tool, WrongCall};
