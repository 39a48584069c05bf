//! Sagas and their compensations.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use expect_test::expect;
use futures_executor::block_on;
use futures_util::FutureExt;
use tta_runtime::WorkflowContext;
use tta_runtime::block::{Block, BlockError, Saga, Timeout};
use tta_runtime::testing::Recording;

use super::check;

/// The events, in order.
type Log = Arc<Mutex<Vec<String>>>;

/// The behaviour of the steps of one saga.
#[derive(Clone, Debug)]
struct Trip {
    log: Log,
    /// The step that does not succeed, and the way in which it ends.
    bad: (&'static str, Bad),
    /// The steps whose compensations fail.
    stuck: &'static [&'static str],
}

#[derive(Clone, Copy, Debug)]
enum Bad {
    Fail,
    Panic,
    Hang,
}

impl Trip {
    fn new(bad: (&'static str, Bad), stuck: &'static [&'static str]) -> Self {
        Self { log: Log::default(), bad, stuck }
    }

    fn note(&self, what: String) {
        self.log.lock().expect("nothing panics while it is written").push(what);
    }

    fn log(&self) -> String {
        self.log.lock().expect("nothing panics while it is written").join(", ")
    }

    async fn book(self, what: &'static str) -> Result<Self, String> {
        self.note(what.to_owned());
        match self.bad {
            (bad, Bad::Fail) if bad == what => Err(format!("no {what}")),
            (bad, Bad::Panic) if bad == what => std::panic::resume_unwind(Box::new("made up")),
            (bad, Bad::Hang) if bad == what => std::future::pending().await,
            _ => Ok(self),
        }
    }

    fn cancel(self, what: &'static str) -> Result<(), String> {
        self.note(format!("cancel {what}"));
        if self.stuck.contains(&what) { Err(format!("{what} is final")) } else { Ok(()) }
    }
}

async fn train(trip: Trip) -> Result<Trip, String> {
    trip.book("train").await
}

async fn hotel(trip: Trip) -> Result<Trip, String> {
    trip.book("hotel").await
}

async fn dinner(trip: Trip) -> Result<Trip, String> {
    trip.book("dinner").await
}

fn travel() -> impl Block<Trip, Output = Trip, Error = String> {
    Saga::new("travel")
        .step(train, async |trip: Trip| trip.cancel("train"))
        .step(hotel, async |trip: Trip| trip.cancel("hotel"))
        .step(dinner, async |trip: Trip| trip.cancel("dinner"))
}

#[test]
fn compensations_run_in_reverse() {
    let recording = Recording::new();
    let trip = Trip::new(("dinner", Bad::Fail), &[]);
    let error = block_on(recording.scope(travel().run(trip.clone()))).expect_err("no dinner");
    assert_eq!(error, BlockError::Inner("no dinner".to_owned()));
    assert_eq!(trip.log(), "train, hotel, dinner, cancel hotel, cancel train");
    expect![[r#"
        travel (primitive.saga.execute)  0 ns  failure  String
        ├─ travel (primitive.saga.step_0)  0 ns  success
        ├─ travel (primitive.saga.step_1)  0 ns  success
        ├─ travel (primitive.saga.step_2)  0 ns  failure  String
        ├─ travel (primitive.saga.compensation_1)  0 ns  success
        └─ travel (primitive.saga.compensation_0)  0 ns  success
    "#]]
    .assert_eq(&recording.tree());
}

#[test]
fn without_an_error_no_compensation_runs() {
    let trip = Trip::new(("nothing", Bad::Fail), &[]);
    block_on(travel().run(trip.clone())).expect("all is booked");
    assert_eq!(trip.log(), "train, hotel, dinner");
}

#[test]
fn a_failed_compensation_is_reported_and_stops_no_other() {
    let recording = Recording::new();
    let trip = Trip::new(("dinner", Bad::Fail), &["hotel"]);
    let error = block_on(recording.scope(travel().run(trip.clone()))).expect_err("no dinner");
    assert_eq!(error.to_string(), "a step failed, and compensations failed: hotel: hotel is final");
    let BlockError::NotUndone { cause, failed } = error else { panic!("{error:?}") };
    assert_eq!(*cause, BlockError::Inner("no dinner".to_owned()));
    assert_eq!(failed, [("hotel", BlockError::Inner("hotel is final".to_owned()))]);
    assert_eq!(trip.log(), "train, hotel, dinner, cancel hotel, cancel train");
    check(
        &recording,
        "tta_saga_compensations_total",
        &expect![[r#"
            tta_saga_compensations_total{primitive_name="travel",result="done"} 1
            tta_saga_compensations_total{primitive_name="travel",result="failed"} 1
        "#]],
    );
}

#[test]
fn a_panic_resumes_after_the_compensations() {
    let trip = Trip::new(("hotel", Bad::Panic), &[]);
    let unwound = block_on(AssertUnwindSafe(travel().run(trip.clone())).catch_unwind());
    assert_eq!(unwound.expect_err("a panic").downcast_ref::<&str>(), Some(&"made up"));
    assert_eq!(trip.log(), "train, hotel, cancel train");
}

#[tokio::test]
async fn a_dropped_saga_runs_its_compensations_as_a_task() {
    let recording = Recording::new();
    let trip = Trip::new(("dinner", Bad::Hang), &["hotel"]);
    let travel = travel();
    let mut run = Box::pin(recording.scope(travel.run(trip.clone())));
    assert!(futures_util::poll!(&mut run).is_pending());
    drop(run);
    while trip.log() != "train, hotel, dinner, cancel hotel, cancel train" {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
    check(
        &recording,
        "tta_saga_compensations_total",
        &expect![[r#"
            tta_saga_compensations_total{primitive_name="travel",result="done"} 1
            tta_saga_compensations_total{primitive_name="travel",result="failed"} 1
        "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn compensations_ignore_the_deadline() {
    let recording = Recording::in_timer_time();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let see = {
        let seen = Arc::clone(&seen);
        move |which: &'static str| {
            let deadline = WorkflowContext::current().deadline();
            seen.lock().expect("nothing panics while it is written").push((which, deadline.is_some()));
        }
    };
    let (step, undo) = (see.clone(), see);
    let book = move |()| {
        step("step");
        async { Ok::<_, String>(()) }
    };
    let cancel = move |()| {
        undo("compensation");
        async { Ok::<_, String>(()) }
    };
    let second = Duration::from_secs(1);
    let late = async |()| {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok::<_, String>(())
    };
    // The steps see the context's deadline; the compensations do not.
    let travel =
        Saga::new("travel").step(book.clone(), cancel.clone()).step(late.with(Timeout::after(second)), cancel.clone());
    let deadline = (tokio::time::Instant::now() + 30 * second).into_std();
    let context = recording.run(|| WorkflowContext::current().with_deadline(deadline));
    let error = context.scope(travel.run(())).await.expect_err("its second step takes too long");
    assert_eq!(error, BlockError::Timeout { limit: second });
    assert_eq!(*seen.lock().expect("nothing panics"), [("step", true), ("compensation", false)]);
}

#[test]
fn compensations_of_a_saga_dropped_outside_of_a_runtime_are_lost() {
    let recording = Recording::new();
    let trip = Trip::new(("dinner", Bad::Hang), &[]);
    let travel = travel();
    let mut run = Box::pin(recording.scope(travel.run(trip.clone())));
    assert!(run.as_mut().now_or_never().is_none());
    drop(run);
    assert_eq!(trip.log(), "train, hotel, dinner");
    check(
        &recording,
        "tta_saga_compensations_total",
        &expect![[r#"
            tta_saga_compensations_total{primitive_name="travel",result="lost"} 2
        "#]],
    );
}

#[test]
fn compensations_that_a_runtime_drops_at_its_end_are_lost() {
    let recording = Recording::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime starts");
    let trip = Trip::new(("hotel", Bad::Hang), &[]);
    let log = trip.clone();
    runtime.spawn(recording.scope(async move { travel().run(trip).await }));
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while log.log() != "train, hotel" {
        assert!(std::time::Instant::now() < deadline, "{}", log.log());
        std::thread::yield_now();
    }
    drop(runtime);
    assert_eq!(log.log(), "train, hotel");
    expect![[r#"
        tta_saga_compensations_total{primitive_name="travel",result="cancelled"} 0
        tta_saga_compensations_total{primitive_name="travel",result="done"} 0
        tta_saga_compensations_total{primitive_name="travel",result="failed"} 0
        tta_saga_compensations_total{primitive_name="travel",result="lost"} 1
        tta_saga_compensations_total{primitive_name="travel",result="panicked"} 0
        tta_saga_compensations_total{primitive_name="travel",result="timeout"} 0
    "#]]
    .assert_eq(&recording.metrics("tta_saga_compensations_total"));
}
