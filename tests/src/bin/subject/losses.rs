//! Losses that the example never has: dropped, refused and capped records, one of each, in a loop until it is stopped.

use std::time::Duration;

use tta_runtime::block::{Block, Cache, Redis, Saga};
use tta_runtime::primitive;

pub(super) async fn run() {
    // A second start changes nothing, and is counted.
    let _detached = tta_runtime::init().expect("a second start is no error");
    let saga = Saga::new("half_undone").step(book, cancel).step(pay, refund);
    let nobody = Redis::server("redis://127.0.0.1:1").expect("it is an address");
    let cached = look_up.with(Cache::redis(nobody).named("away"));
    for number in 0_u64.. {
        // The outcomes are in the metrics.
        let _ = tokio::join!(saga.run(number), cached.run(number));
        visit(&format!("tenant-{number}"));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[primitive(type = "tool")]
async fn book(number: u64) -> Result<u64, String> {
    Ok(number)
}

#[primitive(type = "tool")]
async fn cancel(number: u64) -> Result<(), String> {
    Err(format!("{number} is final"))
}

#[primitive(type = "tool")]
async fn pay(number: u64) -> Result<u64, String> {
    Err(format!("{number} is refused"))
}

#[primitive(type = "tool")]
async fn refund(_number: u64) -> Result<(), String> {
    Ok(())
}

#[primitive(type = "tool")]
async fn look_up(number: u64) -> Result<u64, String> {
    Ok(number)
}

/// Has more tenants than the label may have values.
#[primitive(type = "tool", labels(tenant = capped(tenant)))]
fn visit(tenant: &str) {}
