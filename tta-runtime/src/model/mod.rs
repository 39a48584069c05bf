//! Models: the tokens that calls to them use, and what these cost.

mod ledger;
mod model_call;
mod price;
mod usage;

pub(crate) use ledger::Ledger;
pub(crate) use model_call::{ModelCall, ModelName, operation};
pub use price::NanoUsd;
pub(crate) use price::{prepare as prepare_prices, price};
pub use usage::{HasUsage, Usage};
