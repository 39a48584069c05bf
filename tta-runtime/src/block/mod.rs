//! Building blocks: behaviour around any work, observable as annotated functions are.

mod budgeted;
mod cache;
mod error;
mod name;
mod parallel;
mod part;
mod router;
mod work;

pub use cache::{By, Cache, Cached, InNamespace, KeyOf, Memory, WholeInput};
pub use budgeted::{Budgeted, Reserving};
pub use error::BlockError;
pub use parallel::Parallel;
pub use router::{RouteError, Router};
pub use work::{Block, Borrowed, Layer, MapErr};
