//! A start that is refused, the resources that it leaves open, and a start after it.

use std::error::Error;

use super::uninitialized::{left_open, open_sockets};

/// Starts without metrics, because their address is taken or off.
pub(super) fn run_without_metrics() {
    super::warnings::print();
    let telemetry = super::start();
    println!("metrics: {:?}, sockets: {}", telemetry.metrics_addr(), open_sockets());
}

/// Starts from the environment, and again with an address and a sampler from the program.
pub(super) fn run() {
    match tta_runtime::builder().needs_metrics_addr().init() {
        Ok(_) => println!("started"),
        Err(error) => {
            println!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                println!("caused by: {error}");
                cause = error.source();
            }
        }
    }
    let (threads, sockets) = left_open();
    println!("threads: [{threads}], sockets: {sockets}");
    let again = tta_runtime::builder()
        .metrics_addr(([127, 0, 0, 1], 0).into())
        .sampler(opentelemetry_sdk::trace::Sampler::AlwaysOff);
    match again.init() {
        Ok(telemetry) => println!("then serves metrics: {}", telemetry.metrics_addr().is_some()),
        Err(error) => println!("then: {error}"),
    }
}
