//! The cache: what it keeps and for how long.

mod ledger;
mod memory;
mod work;
