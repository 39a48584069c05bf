//! Nothing: the package exists for its tests and benchmarks.
