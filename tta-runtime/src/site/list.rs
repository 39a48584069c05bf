//! The list of all annotated functions.

use std::sync::{Mutex, PoisonError};

use super::CallSite;

/// Every annotated function of the program, called or not.
///
/// The linker gathers it, so that a series exists with 0 before its first call. The expansion of the attribute puts
/// its element into the list's section itself: to have `linkme` do it for each function is a fifth of what the
/// attribute costs while compiling. The names of the sections are those of the version that `Cargo.toml` pins.
#[linkme::distributed_slice]
pub(crate) static CALL_SITES: [&'static CallSite];

/// Call sites that were made while the program runs, such as those of services.
pub(super) static MADE: Mutex<Vec<&'static CallSite>> = Mutex::new(Vec::new());

/// Returns every call site: those that the linker gathered, then those that were made while the program runs.
pub(crate) fn all() -> Vec<&'static CallSite> {
    let made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    CALL_SITES.iter().chain(made.iter()).copied().collect()
}
