//! A program that works on two threads while somebody scrapes it.
//!
//! It links few annotated functions, so that thousands of scrapes take seconds.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tta_runtime::llm::Usage;
use tta_runtime::{LabelValue, primitive};

fn main() {
    let telemetry = tta_runtime::init().expect("the telemetry starts");
    // A scrape waits for the prices, and an unoptimised build takes seconds to decode them.
    let _ = tta_runtime::llm::price("openai", "gpt-4o-mini", &Usage::new(1, 1));
    // Series of models appear with their first call.
    ask(1);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
                runtime.expect("it has threads").block_on(async {
                    let mut number = 0;
                    while !stop.load(Ordering::Relaxed) {
                        number += 1;
                        let _ = answer(number).await;
                        // Both threads work in bursts, so that the server's thread gets its share of two cores.
                        if number % 16 == 0 {
                            tokio::time::sleep(Duration::from_millis(1)).await;
                        }
                    }
                });
            });
        }
        println!("{}", telemetry.metrics_addr().expect("metrics are served"));
        let _ = std::io::stdin().read_line(&mut String::new());
        stop.store(true, Ordering::Relaxed);
    });
    drop(telemetry);
}

#[derive(Clone, Copy, LabelValue)]
enum Parity {
    Even,
    Odd,
}

#[primitive(type = "workflow")]
async fn answer(number: u64) -> Result<u64, String> {
    let parity = if number.is_multiple_of(2) { Parity::Even } else { Parity::Odd };
    let _ = search(number, parity).await;
    poll_once(search(number, parity)).await;
    ask(number);
    if number.is_multiple_of(5) { Err("a multiple of five".to_owned()) } else { Ok(number) }
}

#[primitive(type = "retrieval", action = "search", labels(parity = parity), buckets(0.000_001, 0.000_01, 0.001))]
async fn search(number: u64, parity: Parity) -> Result<u64, String> {
    let _ = parity;
    tokio::task::yield_now().await;
    if number.is_multiple_of(3) { Err("a multiple of three".to_owned()) } else { Ok(number) }
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini",
            usage = |&number: &u64| Usage::new(number % 100, 1))]
fn ask(number: u64) -> u64 {
    number
}

/// Polls a future once, and drops it: its call is cancelled.
async fn poll_once<F: Future>(future: F) {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| {
        let _ = future.as_mut().poll(context);
        std::task::Poll::Ready(())
    })
    .await;
}
