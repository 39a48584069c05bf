//! Building blocks: behaviour around any work, recorded as calls of annotated functions are.
//!
//! A flow is built from [`Sequential`], [`Parallel`], [`Router`], [`Switch`], [`Conditional`] and [`Saga`]. Each takes
//! work: an `async fn(I) -> Result<O, E>`, or another [`Block`]. A [`Layer`], such as [`Timeout`], [`Retry`],
//! [`Fallback`], [`CircuitBreaker`], [`LoopGuard`] or [`Cache`], surrounds one piece of work and is added by [`Block::with`].
//!
//! The submodules hold the types and traits that appear in signatures; a program rarely names them.

pub mod adapter;
mod block_call;
mod boxed;
pub mod budgeted;
pub mod cache;
pub mod circuit_breaker;
pub mod conditional;
mod dyn_block;
mod error;
pub mod fallback;
mod known_cell;
pub mod loop_guard;
mod name;
mod on_unwind;
pub mod parallel;
pub mod retry;
mod router;
pub mod saga;
pub mod sequential;
mod span_name;
mod switch;
pub mod timeout;
mod timer;
pub mod tupled;
mod unfinished;
mod with_deadline;
mod work;

pub use boxed::BoxBlock;
#[doc(inline)]
pub use cache::{Cache, Memory, OnError};
#[cfg(feature = "redis")]
#[doc(inline)]
pub use cache::{Redis, RedisAddressError, Tiered};
#[doc(inline)]
pub use circuit_breaker::{CircuitBreaker, CircuitState};
#[doc(inline)]
pub use conditional::Conditional;
pub use error::BlockError;
#[doc(inline)]
pub use fallback::Fallback;
#[doc(inline)]
pub use loop_guard::LoopGuard;
#[doc(inline)]
pub use parallel::Parallel;
#[doc(inline)]
pub use retry::{Retry, RetryBudget};
pub use router::{RouteError, Router};
#[doc(inline)]
pub use saga::Saga;
#[doc(inline)]
pub use sequential::Sequential;
pub use switch::Switch;
#[doc(inline)]
pub use timeout::Timeout;
#[doc(inline)]
pub use tupled::tupled;
pub use work::{Block, Layer};
