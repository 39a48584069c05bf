//! Calls to models: the tokens they use, and what these cost.

mod ledger;
mod model_call;
mod price;
mod usage;

pub(crate) use ledger::Ledger;
pub use model_call::record;
pub(crate) use model_call::{ModelCall, ModelName, operation, settle};
pub use price::NanoUsd;
pub(crate) use price::prepare as prepare_prices;
pub use usage::{HasUsage, Usage};
