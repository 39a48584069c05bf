//! Tests of the server over real sockets.

mod answers;
mod any_bytes;
mod clients;
pub(super) mod collectors;
#[cfg(feature = "page")]
mod live_page;
mod wire;

use prometheus::Registry;
use prometheus::core::Collector;

use super::{Limits, Options, Server};
use crate::clock::Clock;
use crate::recorder::Recorder;

/// Starts a server on a free loopback port, with the metrics of an isolated recorder.
fn serve(limits: Limits, options: Options) -> Server {
    serve_registry(limits, options, Registry::new())
}

/// Starts a server that also serves a collector of the host.
fn serve_collector(limits: Limits, collector: impl Collector + 'static) -> Server {
    let registry = Registry::new();
    registry.register(Box::new(collector)).expect("the name is free");
    serve_registry(limits, Options::default(), registry)
}

fn serve_registry(limits: Limits, options: Options, registry: Registry) -> Server {
    let address = ([127, 0, 0, 1], 0).into();
    Server::start_within(limits, address, options, Recorder::isolated(Clock::System), registry).expect("it starts")
}
