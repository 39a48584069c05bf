//! A program that blocks the connection thread of its Redis cache, or the log of its outages.

use std::fmt::Write;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{self, Layer};
use tracing_subscriber::prelude::*;
use tta_runtime::block::{Block, Cache, Redis};
use tta_runtime::testing::Recording;

/// Blocks every caller until it is opened.
#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_open: bool,
    came: usize,
}

impl Gate {
    fn pass(&self) {
        let mut state = self.state.lock().expect("nobody panics here");
        state.came += 1;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |state| !state.is_open).expect("nobody panics here"));
    }

    fn wait_for(&self, came: usize) {
        let state = self.state.lock().expect("nobody panics here");
        drop(self.changed.wait_while(state, |state| state.came < came).expect("nobody panics here"));
    }

    fn open(&self) {
        self.state.lock().expect("nobody panics here").is_open = true;
        self.changed.notify_all();
    }
}

/// A log that stores each event about a cache, and blocks at the gate.
#[derive(Clone, Default)]
struct Log {
    gate: Arc<Gate>,
    told: Arc<Mutex<String>>,
}

impl Log {
    fn told(&self) -> String {
        self.told.lock().expect("nobody panics here").clone()
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: layer::Context<'_, S>) {
        if event.metadata().target() == "tta::cache" {
            let mut line = Line(format!("{}", event.metadata().level()));
            event.record(&mut line);
            let _ = writeln!(self.told.lock().expect("nobody panics here"), "{}", line.0);
            self.gate.pass();
        }
    }
}

/// A level and the event's fields.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {value:?}");
    }
}

/// A waker that blocks the connection thread when that thread wakes it.
struct Sleeper(Arc<Gate>);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        if std::thread::current().name() == Some("tta-redis") {
            self.0.pass();
        }
    }
}

fn cached(url: &str, name: &'static str) -> impl Block<u64, Output = u64, Error = String> + use<> {
    let double = async |number: u64| Ok::<_, String>(number * 2);
    double.with(Cache::redis(Redis::server(url).expect("it is an address")).named(name))
}

/// Requests the doubles of numbers, outside of any runtime.
fn ask(recording: &Recording, cached: &impl Block<u64, Output = u64, Error = String>, numbers: std::ops::Range<u64>) {
    for number in numbers {
        let mut call = pin!(recording.scope(cached.run(number)));
        let unpark = Arc::new(Unpark(std::thread::current())).into();
        let answer = loop {
            match call.as_mut().poll(&mut Context::from_waker(&unpark)) {
                Poll::Ready(answer) => break answer,
                Poll::Pending => std::thread::park(),
            }
        };
        assert_eq!(answer, Ok(number * 2));
    }
}

struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Uses two servers, the first of which is stopped meanwhile, with a blocked log.
pub(super) fn run_log() {
    let mut urls = std::env::args().skip(2);
    let mut url = || urls.next().expect("two servers are given");
    let log = Log::default();
    tracing_subscriber::registry().with(log.clone()).init();
    let recording = Recording::in_real_time();
    let (stopped, other) = (cached(&url(), "stopped"), cached(&url(), "other"));
    ask(&recording, &stopped, 0..1);
    super::say_and_wait("asked");
    // The server is stopped now.
    ask(&recording, &stopped, 0..10);
    log.gate.wait_for(1);
    ask(&recording, &other, 0..10);
    ask(&recording, &other, 0..10);
    print!("{}", recording.metrics("tta_cache_operations_total"));
    super::say_and_wait("the log is held up");
    // The server runs again.
    let hits = || recording.metrics("tta_cache_operations_total").lines().any(|line| is_hit(line, "stopped"));
    while !hits() {
        ask(&recording, &stopped, 0..1);
    }
    log.gate.open();
    log.gate.wait_for(2);
    ask(&recording, &stopped, 0..1);
    print!("{}", log.told());
}

/// Uses one server, which is too slow for a while.
pub(super) fn run_relapses() {
    let url = std::env::args().nth(2).expect("a server is given");
    let log = Log::default();
    tracing_subscriber::registry().with(log.clone()).init();
    log.gate.open();
    let recording = Recording::in_real_time();
    let cached = cached(&url, "slow");
    ask(&recording, &cached, 0..1);
    super::say_and_wait("asked");
    // Lookups are slow now.
    let in_vain = r#"{primitive_name="slow",cache_type="redis",operation="error"} 20"#;
    while !recording.metrics("tta_cache_latency_seconds_count").contains(in_vain) {
        ask(&recording, &cached, 0..1);
    }
    super::say_and_wait("20 calls waited in vain");
    // Lookups are fast again.
    let hits = || recording.metrics("tta_cache_operations_total").lines().any(|line| is_hit(line, "slow"));
    while !hits() {
        ask(&recording, &cached, 0..1);
    }
    log.gate.wait_for(2);
    ask(&recording, &cached, 0..1);
    print!("{}", log.told());
}

fn is_hit(line: &str, name: &str) -> bool {
    line.contains(&format!("{{primitive_name=\"{name}\","))
        && line.contains(r#"operation="hit""#)
        && !line.ends_with(" 0")
}

/// Uses a server while the connection thread is blocked.
pub(super) fn run_thread() {
    let url = std::env::args().nth(2).expect("a server is given");
    let gate = Arc::new(Gate::default());
    let recording = Recording::in_real_time();
    let cached = cached(&url, "cached");
    ask(&recording, &cached, 0..1);
    let elsewhere = Recording::in_real_time();
    let sleeper = Arc::new(Sleeper(Arc::clone(&gate))).into();
    // On a busy machine the answer may arrive before the call waits for it.
    let waiting = loop {
        let mut call = Box::pin(elsewhere.scope(cached.run(0)));
        if call.as_mut().poll(&mut Context::from_waker(&sleeper)).is_pending() {
            break call;
        }
    };
    // The server has answered, and the connection thread blocks in the waker.
    gate.wait_for(1);
    ask(&recording, &cached, 1..21);
    print!("{}", recording.metrics("tta_cache_operations_total"));
    print!("{}", recording.metrics("tta_cache_latency_seconds"));
    gate.open();
    let hits = |recording: &Recording| {
        recording.metrics("tta_cache_operations_total").lines().any(|line| is_hit(line, "cached"))
    };
    let later = Recording::in_real_time();
    while !hits(&later) {
        ask(&later, &cached, 30..31);
    }
    drop(waiting);
    println!("it is asked again");
}
