//! Runs all checks.

use super::check;
use super::finding::Finding;
use super::patients::Patients;

/// Returns what is wrong, by check, and within a check in the order of the programs.
///
/// ```
/// use tta_cli::doctor::{Patients, examine};
///
/// assert!(examine(&Patients { programs: Vec::new(), targets: None }).is_empty());
/// ```
pub fn examine(patients: &Patients) -> Vec<Finding> {
    let single = check::OF_PROGRAM.iter().flat_map(|check| patients.programs.iter().flat_map(check));
    let together = check::OF_ALL.iter().flat_map(|check| check(patients));
    single.chain(together).collect()
}
