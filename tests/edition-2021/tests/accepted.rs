//! Every form that the attribute accepts, in edition 2021.

#[path = "../../tests/e2e/accepted/mod.rs"]
mod accepted;
