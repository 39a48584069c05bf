//! The list of all call sites.

use std::sync::{Mutex, PoisonError};

use super::CallSite;

/// Every annotated function of the program, called or not.
///
/// The linker collects the list, so that series exist with 0 before the first call. The expansion of the attribute places
/// its element in the list's section itself: with `linkme`'s attribute, a fifth of the compile time of `#[primitive]` would be
/// spent there. The names of the sections are those of the version that `Cargo.toml` pins.
#[linkme::distributed_slice]
pub(crate) static CALL_SITES: [&'static CallSite];

/// Call sites created at run time, such as those of HTTP services.
pub(super) static DYNAMIC: Mutex<Vec<&'static CallSite>> = Mutex::new(Vec::new());

/// Returns every call site: those that the linker collected, then those created at run time.
pub(crate) fn all() -> Vec<&'static CallSite> {
    let dynamic = DYNAMIC.lock().unwrap_or_else(PoisonError::into_inner);
    CALL_SITES.iter().chain(dynamic.iter()).copied().collect()
}
