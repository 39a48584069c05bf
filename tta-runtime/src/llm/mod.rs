//! Model calls: usage, prices, budgets and content.

pub(crate) mod budget;
pub(crate) mod charging;
pub(crate) mod content;
mod evaluation;
mod offered_tools;
mod request;
mod score_objective;

#[cfg(feature = "redis")]
pub use self::budget::Sharing;
pub use self::budget::{Budget, BudgetAmount, BudgetExceeded, BudgetRefusal, BudgetScope, Estimate, Reservation};
pub use self::charging::{not_sent, record};
pub use self::content::{Content, content};
pub use self::evaluation::{Evaluation, evaluation};
pub use self::request::request;
pub use self::score_objective::ScoreObjective;
pub use crate::model::{
    HasUsage, NanoUsd, PriceBasis, PriceList, PricesError, ServiceTier, Usage, UsageReader, in_body, price,
    reload_prices,
};
