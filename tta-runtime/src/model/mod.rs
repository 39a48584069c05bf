//! Models: the usage of model calls, and its price.

#[cfg(test)]
mod body_table;
mod bundled;
mod call_cost;
mod candidates;
mod decoding;
mod freed_memory;
mod has_usage;
mod inner_usage;
mod ledger;
mod model_call;
mod nano_usd;
mod price_basis;
#[cfg(test)]
mod price_data;
mod price_file;
mod price_list;
mod prices;
mod quantity;
mod quote;
mod response;
mod serialized;
mod service_tier;
mod token_kind;
mod unit_price;
mod usage;
mod workflow_run;

pub(crate) use call_cost::CallCost;
pub(crate) use candidates::is_same_model;
pub(crate) use decoding::DECODING;
pub use has_usage::HasUsage;
pub(crate) use inner_usage::InnerUsage;
pub(crate) use ledger::{LateUse, Ledger, LedgerTotal};
pub(crate) use model_call::{ItemTimes, ModelCall, ModelName};
pub use nano_usd::NanoUsd;
#[cfg(all(test, feature = "page"))]
pub(crate) use price_basis::Cost;
pub use price_basis::PriceBasis;
pub use price_file::PricesError;
pub use price_list::PriceList;
pub use prices::reload as reload_prices;
pub(crate) use prices::{Prices, ages as price_ages, read_file_at_start, reload_file, start_with};
#[cfg(feature = "prices-url")]
pub(crate) use prices::{confirm_downloaded, install_downloaded};
#[cfg(feature = "page")]
pub(crate) use quantity::Quantity;
pub use quote::price;
pub use response::UsageReader;
pub use serialized::in_body;
pub(crate) use serialized::{is_content, pick};
pub use service_tier::ServiceTier;
pub use usage::Usage;
pub(crate) use workflow_run::WorkflowRun;
