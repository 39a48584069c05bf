//! One of many replicas, which take different times for the same work and know the exact time of each call.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use futures_util::{Stream, StreamExt, stream};
use opentelemetry::Value;
use opentelemetry_sdk::trace::SpanData;
use tta_runtime::llm::Usage;
use tta_runtime::primitive;
use tta_runtime::testing::InMemorySpans;

const THREADS: u64 = 25;
const CALLS: u64 = 10;

/// Where the times go that the functions have measured by themselves.
#[derive(Clone)]
struct Times {
    work: Sender<Duration>,
    workflows: Sender<Duration>,
    first_tokens: Sender<Duration>,
    requests: Sender<Duration>,
}

impl Times {
    /// Returns the times along with their ends, in the order of the fields.
    fn new() -> (Self, [Receiver<Duration>; 4]) {
        let ((work, of_work), (workflows, of_workflows)) = (channel(), channel());
        let ((first_tokens, of_first_tokens), (requests, of_requests)) = (channel(), channel());
        let times = Self { work, workflows, first_tokens, requests };
        (times, [of_work, of_workflows, of_first_tokens, of_requests])
    }
}

/// Adds the time since a call began, which itself ends after this.
fn end(times: &Sender<Duration>, started: Instant) {
    times.send(started.elapsed()).expect("the main thread listens");
}

/// Makes all calls, prints the address of the metrics, and then, asked for them, the durations in nanoseconds that the spans have: a line each
/// for the work, the workflows, the times to the first token and the requests.
pub(super) fn run() {
    let replica: i32 =
        std::env::args().nth(2).and_then(|number| number.parse().ok()).expect("the number of the replica");
    let spans = InMemorySpans::default();
    let telemetry = tta_runtime::builder().service_name("subject").span_exporter(spans.clone()).init();
    let telemetry = telemetry.expect("the telemetry starts");
    let (times, ended) = Times::new();
    let work: Vec<_> = (0..THREADS)
        .map(|thread| {
            let times = times.clone();
            thread::spawn(move || {
                for call in thread * CALLS..(thread + 1) * CALLS {
                    let length = length(replica, call);
                    waits(length, &times.work);
                    super::block_on(answer(length, times.clone()));
                }
            })
        })
        .collect();
    for thread in work {
        thread.join().expect("it waits");
    }
    drop(times);
    super::say_and_wait(telemetry.metrics_addr().expect("metrics are served"));
    assert!(telemetry.flush(super::PATIENCE));
    let recorded = recorded(&spans.take());
    let lines = std::array::from_fn::<_, 4, _>(|kind| {
        let recorded = recorded.get(&kind).map(Vec::as_slice).unwrap_or_default();
        check_against_own(recorded, ended[kind].iter().collect());
        recorded.iter().map(|duration| duration.as_nanos().to_string()).collect::<Vec<_>>().join(" ")
    });
    super::say_and_wait(lines.join("\n"));
}

/// Returns the durations that spans have, sorted, by the place of their kind among those that are printed.
fn recorded(spans: &[SpanData]) -> BTreeMap<usize, Vec<Duration>> {
    let mut recorded = BTreeMap::<_, Vec<_>>::new();
    for span in spans {
        let attribute = |name| span.attributes.iter().find(|of_span| of_span.key.as_str() == name);
        let kind = match attribute("primitive.name").map(|name| name.value.as_str()).as_deref() {
            Some("waits") => 0,
            Some("answer") => 1,
            Some("pieces") => 3,
            other => panic!("a span of {other:?}: {span:?}"),
        };
        let duration = span.end_time.duration_since(span.start_time).expect("it ends after it starts");
        recorded.entry(kind).or_default().push(duration);
        if let Some(first) = attribute("gen_ai.response.time_to_first_chunk") {
            let Value::F64(seconds) = first.value else { panic!("no number: {first:?}") };
            recorded.entry(2).or_default().push(Duration::from_secs_f64(seconds));
        }
    }
    for durations in recorded.values_mut() {
        durations.sort_unstable();
    }
    recorded
}

/// Checks durations against those that the functions have measured by themselves, which end earlier: on a busy machine, some much earlier.
fn check_against_own(recorded: &[Duration], mut own: Vec<Duration>) {
    own.sort_unstable();
    assert_eq!(recorded.len(), own.len());
    let pairs = || recorded.iter().zip(&own);
    // The clocks of the library and of the functions tick apart.
    let are_whole = pairs().all(|(recorded, own)| *recorded + *recorded / 1_000 >= *own);
    assert!(are_whole, "{recorded:?} instead of {own:?}");
    let near = pairs().filter(|(recorded, own)| **recorded < **own * 21 / 20).count();
    assert!(near * 2 > own.len(), "{recorded:?} instead of {own:?}");
}

/// Returns from 3 ms to 12 ms in the first replica, and a tenth more in each one after it.
fn length(replica: i32, call: u64) -> Duration {
    // The fractions of the multiples of the golden ratio are spread evenly.
    let share = (call as f64 * 0.618_033_988_749_894_9).fract();
    Duration::from_secs_f64(0.003 * 1.1_f64.powi(replica) * 4.0_f64.powf(share))
}

#[primitive(type = "tool")]
fn waits(length: Duration, work: &Sender<Duration>) {
    let started = Instant::now();
    thread::sleep(length);
    end(work, started);
}

#[primitive(type = "workflow")]
async fn answer(length: Duration, times: Times) {
    let started = Instant::now();
    let workflows = times.workflows.clone();
    let mut pieces = std::pin::pin!(pieces(length, times));
    while pieces.next().await.is_some() {}
    end(&workflows, started);
}

/// Takes the length until its first item with content, and half of it until its end.
#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o")]
fn pieces(length: Duration, times: Times) -> impl Stream<Item = Option<Usage>> {
    let (mut started, mut items) = (None, 0);
    stream::poll_fn(move |_| {
        let started = *started.get_or_insert_with(Instant::now);
        items += 1;
        Poll::Ready(match items {
            // It has no content, as a ping.
            1 => Some(None),
            2 => {
                thread::sleep(length);
                end(&times.first_tokens, started);
                Some(Some(Usage::new(1_000, 200)))
            }
            _ => {
                thread::sleep(length / 2);
                end(&times.requests, started);
                None
            }
        })
    })
}
