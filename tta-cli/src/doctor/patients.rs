//! The programs that are examined, and the Prometheus that should scrape them.

use super::program::Program;
use super::targets::Target;

/// What is known of the programs and of the Prometheus that should scrape them.
#[derive(Debug)]
pub struct Patients {
    /// The programs.
    pub programs: Vec<Program>,
    /// The targets of a Prometheus, `None` if none was asked.
    pub targets: Option<Vec<Target>>,
}
