//! Building blocks: behaviour around any work, observable as annotated functions are.

mod boxed;
mod budgeted;
mod cache;
mod circuit_breaker;
mod conditional;
mod error;
mod fallback;
mod name;
mod parallel;
mod part;
mod retry;
mod router;
mod saga;
mod sequential;
mod span_name;
mod switch;
mod timeout;
mod work;

pub use budgeted::{Budgeted, Reserving};
pub use cache::{By, Cache, Cached, InNamespace, KeyOf, Memory, WholeInput};
#[cfg(feature = "redis")]
pub use cache::{Redis, RedisAddressError, Tiered};
pub use circuit_breaker::{CircuitBreaker, CircuitState, Guarded};
pub use conditional::{Conditional, NoWork, Otherwise, PassThrough};
pub use error::BlockError;
pub use fallback::{Fallback, WithFallbacks};
pub use parallel::{Collected, Each, Parallel};
pub use retry::{Retried, Retry, RetryBudget};
pub use router::{RouteError, Router};
pub use saga::{NotBegun, Saga, Undoable};
pub use sequential::{NoSteps, Sequential, Step};
pub use switch::Switch;
pub use timeout::{TimeLimited, Timeout};
pub use work::{Block, Borrowed, Layer, MapErr, Named};
