//! Trait objects of [`Error`] as one type.

use std::error::Error;

/// A trait object of [`Error`], with or without `Send` and `Sync`.
pub trait DynError {
    /// Returns the error.
    fn as_dyn_error<'a>(&'a self) -> &'a (dyn Error + 'a);
}

impl DynError for dyn Error + '_ {
    fn as_dyn_error<'a>(&'a self) -> &'a (dyn Error + 'a) {
        self
    }
}

impl DynError for dyn Error + Send + '_ {
    fn as_dyn_error<'a>(&'a self) -> &'a (dyn Error + 'a) {
        self
    }
}

impl DynError for dyn Error + Sync + '_ {
    fn as_dyn_error<'a>(&'a self) -> &'a (dyn Error + 'a) {
        self
    }
}

impl DynError for dyn Error + Send + Sync + '_ {
    fn as_dyn_error<'a>(&'a self) -> &'a (dyn Error + 'a) {
        self
    }
}
