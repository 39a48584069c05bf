//! The atomics and the queue of the intake; the model test substitutes loom's.

pub(super) use crossbeam_queue::SegQueue;
pub(super) use std::sync::atomic::{AtomicBool, Ordering, fence};
