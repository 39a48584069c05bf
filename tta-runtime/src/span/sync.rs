//! The locks of the intake; the model test substitutes loom's.

pub(super) use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
pub(super) use std::thread::yield_now;
