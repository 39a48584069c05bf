//! The repository's pages: their examples are compiled and run as documentation tests.
//!
//! The package exists for its tests and benchmarks.

#[path = "src/faults.rs"]
pub mod faults;
#[path = "src/fleet/mod.rs"]
pub mod fleet;
#[path = "src/free_port.rs"]
pub mod free_port;
#[path = "src/ledger/mod.rs"]
pub mod ledger;
#[path = "src/redis_cluster.rs"]
pub mod redis_cluster;
#[path = "src/redis_server.rs"]
pub mod redis_server;
#[path = "src/watch/mod.rs"]
pub mod watch;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../docs/cost.md")]
struct Cost;

#[cfg(doctest)]
#[doc = include_str!("../docs/blocks.md")]
struct BuildingBlocks;

#[cfg(doctest)]
#[doc = include_str!("../docs/loops.md")]
struct Loops;

#[cfg(doctest)]
#[doc = include_str!("../docs/tenants.md")]
struct Tenants;

#[cfg(doctest)]
#[doc = include_str!("../docs/budgets.md")]
struct Budgets;
