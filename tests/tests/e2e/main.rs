//! Everything that is promised, seen from outside.

mod child;
mod exports;
mod ledger;
mod receiver;
mod trace_text;
mod traces;
