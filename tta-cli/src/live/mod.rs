//! Reads the live page's API of a running program, for coding agents and for terminals.

mod explanation;
mod fitted;
mod program;
mod span_tree;
mod tool;
mod whole_trace;
mod wrong_call;

pub use self::program::LiveProgram;
pub(crate) use self::span_tree::{SpanTree, TracedSpan};
pub use self::tool::{TOOLS, Tool};
pub(crate) use self::whole_trace::whole_trace;
pub use self::wrong_call::WrongCall;
