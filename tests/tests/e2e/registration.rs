//! Subscribers of the host that call annotated functions while `tracing` asks them about functions.

use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tracing::dispatcher::with_default;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, NoSubscriber};
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

use crate::child::{run, subject};

/// Longer than any of these programs takes, and shorter than a hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// Calls a function whenever it is asked.
struct Calling<F>(F);

impl<F: Fn() + 'static> Subscriber for Calling<F> {
    fn register_callsite(&self, _metadata: &'static Metadata<'static>) -> Interest {
        (self.0)();
        Interest::sometimes()
    }

    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        (self.0)();
        true
    }

    fn new_span(&self, _attributes: &Attributes<'_>) -> Id {
        (self.0)();
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, _event: &Event<'_>) {}

    fn enter(&self, _span: &Id) {
        (self.0)();
    }

    fn exit(&self, _span: &Id) {
        (self.0)();
    }

    fn try_close(&self, _span: Id) -> bool {
        (self.0)();
        true
    }
}

/// Runs code on a thread of its own, and panics if it does not end in time.
#[track_caller]
fn in_time<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, ended) = channel();
    thread::spawn(move || send.send(run()));
    ended.recv_timeout(PATIENCE).expect("the program hangs")
}

/// Returns whether a recording has a successful call of this function.
fn has_call(recording: &Recording, name: &str) -> bool {
    let start = format!(r#"tta_primitive_executions_total{{primitive_type="tool",primitive_name="{name}","#);
    let of_name = |line: &&str| line.starts_with(&start) && line.contains(r#"status="success""#);
    let metrics = recording.metrics("tta_primitive_executions_total");
    metrics.lines().filter(of_name).any(|line| !line.ends_with(" 0"))
}

#[test]
fn a_function_that_is_called_about_itself_is_called() {
    #[primitive(type = "tool")]
    fn asked_about_itself() {}

    let called = in_time(|| {
        let recording = Recording::new();
        recording.run(|| with_default(&Dispatch::new(Calling(asked_about_itself)), asked_about_itself));
        has_call(&recording, "asked_about_itself")
    });
    assert!(called);
}

#[test]
fn a_function_that_is_first_called_while_a_subscriber_is_installed_is_called() {
    #[primitive(type = "tool")]
    fn first_called_by_subscriber() {}

    let called = in_time(|| {
        let recording = Recording::new();
        // Only a subscriber that is not alone makes `tracing` take its lock.
        let others = [Dispatch::new(NoSubscriber::new()), Dispatch::new(Calling(|| {}))];
        recording.run(|| drop(Dispatch::new(Calling(first_called_by_subscriber))));
        drop(others);
        has_call(&recording, "first_called_by_subscriber")
    });
    assert!(called);
}

#[test]
fn a_call_does_not_wait_for_a_subscriber_that_is_being_installed() {
    #[primitive(type = "tool")]
    fn called_meanwhile() -> thread::ThreadId {
        thread::current().id()
    }

    let (of_installer, of_other) = in_time(|| {
        let other = Dispatch::new(Calling(|| {}));
        // There is something about which the subscriber below is asked.
        with_default(&other, || tracing::info!("a call site"));
        let (start, started) = channel();
        let (finish, finished) = channel();
        let caller = thread::spawn(move || {
            started.recv().expect("the subscriber is asked");
            finish.send(with_default(&other, called_meanwhile)).expect("the subscriber waits");
        });
        let installer = thread::current().id();
        let (tell, told) = channel();
        let state = Mutex::new(Some((start, finished, tell)));
        let waits = move || {
            if thread::current().id() != installer {
                return;
            }
            let Some((start, finished, tell)) = state.lock().expect("it is not poisoned").take() else { return };
            start.send(()).expect("the caller waits");
            let other: thread::ThreadId = finished.recv().expect("the call ends");
            tell.send((called_meanwhile(), other)).expect("the test waits");
        };
        drop(Dispatch::new(Calling(waits)));
        caller.join().expect("it ended");
        told.recv().expect("the subscriber was asked")
    });
    assert_ne!(of_installer, of_other);
}

#[test]
fn calls_made_by_a_subscriber_open_no_host_span() {
    assert_eq!(run(&mut subject("calling")).stdout, "3 spans\n");
}
