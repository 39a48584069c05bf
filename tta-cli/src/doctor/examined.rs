//! The programs that are examined, and the Prometheus that should scrape them.

use super::program::Program;
use super::targets::Target;

/// The programs and the targets as they answered.
#[derive(Debug)]
pub struct Examined {
    /// The programs.
    pub programs: Vec<Program>,
    /// The targets of a Prometheus, `None` if none was asked.
    pub targets: Option<Vec<Target>>,
}
