//! Watching the program `load` from outside: what it takes, what it answers, and what its collector receives.

pub mod collector;
pub mod page;
pub mod process;
pub mod program;
pub mod report;
pub mod scenario;
pub mod slope;
