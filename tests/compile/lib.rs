//! Nothing: the package exists for its cases. Those in `pass` are run by the end-to-end tests.
