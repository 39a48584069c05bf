//! The library behind the command `tta`: recording rules, alerts and dashboards as rows, and the code that renders and checks them.
//!
//! Users run the command; see `tta --help`. The library serves the command's tests, and programs that render rules of their own.

pub mod annotated;
pub mod command;
pub mod dashboard;
pub mod doctor;
pub mod document;
pub mod file;
pub mod files;
pub mod live;
pub mod maturity;
pub mod own_keys;
pub mod promql;
pub mod rule;
pub mod top;

mod address;
mod http;
mod registry;
mod server;
mod shipped;
