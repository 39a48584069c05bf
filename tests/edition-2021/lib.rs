//! Empty: the package exists for its test, which runs the cases of `tests/compile/pass` in edition 2021.
