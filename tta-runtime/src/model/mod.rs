//! Models: the usage of model calls, and its price.

mod bundled;
mod call_cost;
mod decoding;
mod ledger;
mod model_call;
mod nano_usd;
mod price_file;
mod prices;
mod quote;
mod response;
mod service_tier;
mod unit_price;
mod usage;

pub(crate) use call_cost::CallCost;
pub(crate) use decoding::DECODING;
pub(crate) use ledger::Ledger;
pub(crate) use model_call::{ItemTimes, ModelCall, ModelName};
pub use nano_usd::NanoUsd;
pub use price_file::PricesError;
pub use prices::reload as reload_prices;
pub(crate) use prices::{Prices, install_file, read_file, reload_file};
pub use quote::price;
pub use response::UsageReader;
pub use service_tier::ServiceTier;
pub use usage::{HasUsage, Usage};
