//! A fleet of processes that share a budget, under faults, and whether the budget holds.

pub mod account;
pub mod books;
pub mod cast;
pub mod laws;
pub mod proxy;
pub mod scenario;
pub mod worker;
