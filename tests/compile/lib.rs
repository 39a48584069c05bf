//! Empty: the package exists for its test. The end-to-end tests run the cases in `pass`.
