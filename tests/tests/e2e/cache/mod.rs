//! The cache: which outputs it keeps and for how long, and that no failure of its store fails a call.

mod broken_off;
mod cluster;
mod detour;
mod flight;
mod full_disk;
mod held_up;
mod ledger;
mod log;
mod memory;
mod outage;
mod slow_answers;
mod stored;
mod tiered;
pub(crate) mod tls;
mod upheaval;
mod work;
