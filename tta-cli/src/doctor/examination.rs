//! Runs all checks.

use super::check;
use super::examined::Examined;
use super::finding::Finding;

/// Returns what is wrong, by check, and within a check in the order of the programs.
///
/// ```
/// use tta_cli::doctor::{Examined, examine};
///
/// assert!(examine(&Examined { programs: Vec::new(), targets: None }).is_empty());
/// ```
pub fn examine(examined: &Examined) -> Vec<Finding> {
    let single = check::OF_PROGRAM.iter().flat_map(|check| examined.programs.iter().flat_map(check));
    let together = check::OF_ALL.iter().flat_map(|check| check(examined));
    single.chain(together).collect()
}
