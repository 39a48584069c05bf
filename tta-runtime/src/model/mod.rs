//! Models: the tokens that calls to them use, and what these cost.

mod ledger;
mod model_call;
mod nano_usd;
mod price;
mod rate;
mod response;
mod service_tier;
mod usage;

pub(crate) use ledger::Ledger;
pub(crate) use model_call::{ItemTimes, ModelCall, ModelName};
pub use nano_usd::NanoUsd;
pub(crate) use price::{prepare as prepare_prices, price};
pub use response::UsageReader;
pub use service_tier::ServiceTier;
pub use usage::{HasUsage, Usage};
