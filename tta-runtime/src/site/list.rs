//! The list of all call sites: every annotated function of the program, called or not, so that its series exist with 0
//! before its first call.

use std::sync::{Mutex, PoisonError};

use super::{CallSite, section};

/// Call sites created at run time, such as those of HTTP services.
pub(super) static DYNAMIC: Mutex<Vec<&'static CallSite>> = Mutex::new(Vec::new());

/// Returns every call site: those that the linker collected, then those created at run time.
pub(crate) fn all() -> Vec<&'static CallSite> {
    let dynamic = DYNAMIC.lock().unwrap_or_else(PoisonError::into_inner);
    section::entries().iter().flatten().chain(dynamic.iter()).copied().collect()
}
