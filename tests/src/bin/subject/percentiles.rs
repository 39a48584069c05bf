//! One of many replicas, which take different times for the same work and know the exact time of each call.

use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use tta_runtime::llm::Usage;
use tta_runtime::primitive;

const THREADS: u64 = 25;
const CALLS: u64 = 10;

/// Makes all calls, prints the address of the metrics, and then, asked for them, the durations in nanoseconds in one line.
pub(super) fn run() {
    let replica: i32 =
        std::env::args().nth(2).and_then(|number| number.parse().ok()).expect("the number of the replica");
    let telemetry = super::start();
    let (ended, durations) = channel();
    let work: Vec<_> = (0..THREADS)
        .map(|thread| {
            let ended = ended.clone();
            thread::spawn(move || (0..CALLS).for_each(|call| waits(replica, thread * CALLS + call, &ended)))
        })
        .collect();
    for thread in work {
        thread.join().expect("it waits");
    }
    drop(ended);
    super::block_on(answer());
    super::say_and_wait(telemetry.metrics_addr().expect("metrics are served"));
    let durations: Vec<_> = durations.into_iter().map(|duration: Duration| duration.as_nanos().to_string()).collect();
    super::say_and_wait(durations.join(" "));
}

/// Takes from 3 ms to 12 ms in the first replica, and a tenth more in each one after it.
#[primitive(type = "tool")]
fn waits(replica: i32, call: u64, ended: &Sender<Duration>) {
    let started = Instant::now();
    // The fractions of the multiples of the golden ratio are spread evenly.
    let share = (call as f64 * 0.618_033_988_749_894_9).fract();
    thread::sleep(Duration::from_secs_f64(0.003 * 1.1_f64.powi(replica) * 4.0_f64.powf(share)));
    // The call itself ends within microseconds after this.
    ended.send(started.elapsed()).expect("the main thread listens");
}

#[primitive(type = "workflow")]
async fn answer() {
    let mut pieces = std::pin::pin!(pieces());
    while pieces.next().await.is_some() {}
}

#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o")]
fn pieces() -> impl stream::Stream<Item = Option<Usage>> {
    stream::iter([None, Some(Usage::new(1_000, 200))])
}
