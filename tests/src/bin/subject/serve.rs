//! A program that serves its metrics until the test ends.

use std::fs::File;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures_core::Stream;
use tta_runtime::llm::Usage;
use tta_runtime::{LabelValue, primitive};

/// Serves, and prints the library's own log events.
pub(super) fn run_logged() {
    super::warnings::print();
    run();
}

pub(super) fn run() {
    let requests =
        prometheus::IntCounter::new("host_requests_total", "Requests \\ \"seen\"\nby the host.").expect("it is valid");
    tta_runtime::registry().register(Box::new(requests.clone())).expect("the name is free");
    requests.inc_by(5);
    let telemetry = super::start();
    for number in 0..7 {
        let _ = served(number, Size::Large);
    }
    assert!(telemetry.flush(super::PATIENCE));
    super::say_and_wait(telemetry.metrics_addr().expect("metrics are served"));
    let _ = telemetry.shutdown(super::PATIENCE);
}

/// Serves, and takes and gives back all file descriptors by turns, one turn for each line of the input.
pub(super) fn run_without_files() {
    let telemetry = super::start();
    super::say_and_wait(telemetry.metrics_addr().expect("metrics are served"));
    loop {
        let files: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        super::say_and_wait("none is left");
        drop(files);
        super::say_and_wait("given back");
    }
}

#[derive(Clone, Copy, LabelValue)]
enum Size {
    Small,
    Large,
}

#[primitive(type = "workflow", labels(size = size), slo(availability = 99))]
fn served(number: u64, size: Size) -> Result<u64, String> {
    let _ = Size::Small;
    let mut tokens = pin!(answer());
    super::block_on(async { while poll_fn(|context| tokens.as_mut().poll_next(context)).await.is_some() {} });
    if number == 0 { Err("none".to_owned()) } else { Ok(number) }
}

#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o")]
fn answer() -> impl Stream<Item = Usage> {
    Tokens(vec![Usage::new(1_000, 0), Usage::new(1_000, 200)].into_iter())
}

struct Tokens(std::vec::IntoIter<Usage>);

impl Stream for Tokens {
    type Item = Usage;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Usage>> {
        Poll::Ready(self.0.next())
    }
}
