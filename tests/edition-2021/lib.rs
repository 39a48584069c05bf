//! Nothing: the package exists for its test, which runs the cases of `tests/compile/pass` once more.
