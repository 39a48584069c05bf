//! The cache's tier in Redis, and the form of its entries there.

mod envelope;
#[cfg(fuzzing)]
mod envelope_fuzz;
mod tier;

#[cfg(fuzzing)]
pub use envelope_fuzz::open_forged;
pub use tier::RedisTier;
