//! The cache: which outputs it keeps and for how long, and that no failure of its store fails a call.

mod cluster;
mod detour;
mod flight;
mod held_up;
mod ledger;
mod log;
mod memory;
mod outage;
mod stored;
mod tiered;
mod tls;
mod upheaval;
mod work;
