//! Every call that started ended exactly once or is in flight, even if it was dropped, aborted or panicked.

mod drive;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use futures_util::FutureExt;
use tests::ledger::program::{Body, Callee, End, Step, World, call, check};
use tests::ledger::random;
use tests::ledger::truth::{Counts, Truth, counts};
use tta_runtime::testing::Recording;

use drive::{drive, end_tasks, poll_once, runtime};

/// Asserts that the library's counts equal the truth, and that its histograms hold all calls that ended.
#[track_caller]
fn assert_equal(recording: &Recording, truth: &Truth, case: &dyn std::fmt::Debug) {
    let told = counts(&recording.stats());
    assert_eq!(told, truth.counts(), "left: the library, right: the truth, in {case:?}");
    let ended: u64 = told.values().flat_map(|count| count.ended.values()).sum();
    assert_eq!(sum(recording, "tta_execution_duration_seconds_count"), ended, "durations in {case:?}");
    assert_eq!(sum(recording, "tta_primitive_executions_total"), ended, "executions in {case:?}");
    let active: u64 = told.values().map(|count| count.active).sum();
    assert_eq!(sum(recording, "tta_primitive_active"), active, "active in {case:?}");
}

/// Adds up the series of a metric.
fn sum(recording: &Recording, metric: &str) -> u64 {
    let value = |line: &str| line.rsplit(' ').next().and_then(|number| number.parse::<u64>().ok());
    recording.metrics(metric).lines().map(|line| value(line).unwrap_or_else(|| panic!("no whole number: {line}"))).sum()
}

fn body(steps: impl IntoIterator<Item = Step>, end: End) -> Body {
    Body { steps: steps.into_iter().collect(), end }
}

fn yields(n: usize, end: End) -> Body {
    body(std::iter::repeat_n(Step::Yield, n), end)
}

/// A body of each kind, each with at least one pending poll.
fn corpus() -> Vec<Body> {
    let nested = body([Step::Yield, Step::Try(Callee::Tool, yields(2, End::Return)), Step::Yield], End::Return);
    let failing = body([Step::Yield, Step::Try(Callee::Tool, yields(1, End::Fail))], End::Return);
    let panicking = body([Step::Yield, Step::Call(Callee::Eager, yields(1, End::Panic))], End::Return);
    let drops = body([Step::CallInDrop(End::Return), Step::CallInDrop(End::Panic), Step::Yield], End::Fail);
    let one = |step| body([Step::Yield, step, Step::Yield], End::Return);
    vec![
        yields(3, End::Return),
        yields(1, End::Refuse),
        nested.clone(),
        failing.clone(),
        panicking.clone(),
        drops.clone(),
        body([Step::CallInDrop(End::Fail), Step::Yield], End::Panic),
        one(Step::Call(Callee::Workflow, body([Step::Call(Callee::Agent, nested.clone())], End::Refuse))),
        one(Step::Check(End::Return)),
        one(Step::Check(End::Panic)),
        one(Step::NeverPoll(Callee::Tool, nested.clone())),
        one(Step::NeverPoll(Callee::Eager, nested.clone())),
        one(Step::Join(nested.clone(), failing.clone())),
        one(Step::Join(yields(5, End::Return), panicking.clone())),
        one(Step::Select(nested.clone(), yields(2, End::Return))),
        one(Step::Select(drops.clone(), panicking.clone())),
        one(Step::Timeout(2, yields(5, End::Return))),
        one(Step::Timeout(9, nested.clone())),
        one(Step::Spawn(nested.clone())),
        one(Step::Spawn(panicking.clone())),
        one(Step::CatchUnwind(panicking.clone())),
        one(Step::Parallel(vec![nested.clone(), failing, drops.clone(), panicking.clone()])),
        one(Step::Parallel(vec![nested.clone(), drops, nested.clone()])),
        one(Step::Cache(nested.clone())),
        one(Step::Cache(panicking.clone())),
        one(Step::Router(0, nested)),
        one(Step::Router(1, panicking)),
    ]
}

#[test]
fn a_call_that_is_dropped_after_any_number_of_polls_is_counted_once() {
    let runtime = runtime();
    for body in corpus() {
        let mut most = 0;
        loop {
            let (recording, world) = (Recording::new(), World::default());
            let future = recording.scope(async { call(Callee::Workflow, world.clone(), body.clone()).await });
            let driven = drive(&runtime, future, most);
            end_tasks(&runtime, &world, most % 3);
            assert_equal(&recording, &world.truth, &(&body, most));
            let in_flight: u64 = world.truth.counts().values().map(|count| count.active).sum();
            assert_eq!(in_flight, 0, "{body:?}");
            if driven.ended {
                assert!(driven.polls > 1, "nothing was dropped before its end: {body:?}");
                break;
            }
            most += 1;
        }
    }
}

#[test]
fn a_hundred_thousand_random_programs_are_counted_exactly() {
    let runtime = runtime();
    for thousand in 0..100 {
        let (recording, world) = (Recording::new(), World::default());
        for seed in thousand * 1_000..(thousand + 1) * 1_000 {
            let random = &mut fastrand::Rng::with_seed(seed);
            let (callee, body) = (random::callee(random), random::body(random, 0));
            let future = recording.scope(async { call(callee, world.clone(), body).await });
            drive(&runtime, future, random.u64(0..8));
            end_tasks(&runtime, &world, random.u64(0..3));
        }
        assert_equal(&recording, &world.truth, &format_args!("seeds from {}", thousand * 1_000));
    }
}

#[test]
fn a_call_in_flight_is_started_and_active() {
    let (recording, world) = (Recording::new(), World::default());
    let mut calls: Vec<_> = [Callee::Workflow, Callee::Tool, Callee::Eager]
        .map(|callee| recording.run(|| call(callee, world.clone(), yields(1, End::Return))))
        .into();
    for future in &mut calls {
        assert!(recording.run(|| poll_once(future)).is_pending());
        assert_equal(&recording, &world.truth, &"in flight");
    }
    for mut future in calls {
        assert!(recording.run(|| poll_once(&mut future)).is_ready());
        assert_equal(&recording, &world.truth, &"ended one by one");
    }
}

#[test]
fn a_future_that_is_never_polled_is_no_call() {
    let (recording, world) = (Recording::new(), World::default());
    recording.run(|| drop(call(Callee::Workflow, world.clone(), yields(1, End::Return))));
    assert_eq!(recording.stats().primitives, []);
    assert_eq!(world.truth.counts(), Counts::new());
}

#[test]
fn the_task_s_own_waker_is_woken_as_often_as_the_body_says() {
    let (recording, world) = (Recording::new(), World::default());
    let nested = body([Step::Yield, Step::Try(Callee::Tool, yields(2, End::Return)), Step::Yield], End::Return);
    let driven = drive(&runtime(), recording.scope(call(Callee::Agent, world, nested)), 100);
    assert_eq!(driven, drive::Driven { polls: 5, wakes: 4, ended: true });
}

#[test]
fn a_panic_behind_catch_unwind_stays_a_panic_when_the_future_is_dropped_later() {
    let (recording, world) = (Recording::new(), World::default());
    let steps = body([Step::CallInDrop(End::Return), Step::Yield], End::Panic);
    let mut future = recording.run(|| call(Callee::Tool, world.clone(), steps));
    assert!(recording.run(|| poll_once(&mut future)).is_pending());
    assert!(recording.run(|| catch_unwind(AssertUnwindSafe(|| poll_once(&mut future)))).is_err());
    assert_equal(&recording, &world.truth, &"caught");
    recording.run(|| drop(future));
    assert_equal(&recording, &world.truth, &"dropped");
    assert_eq!(
        recording
            .metrics("tta_primitive_executions_total{primitive_type=\"tool\"")
            .lines()
            .filter(|line| !line.ends_with(" 0"))
            .collect::<Vec<_>>(),
        [
            "tta_primitive_executions_total{primitive_type=\"tool\",primitive_name=\"tool\",action=\"call\",status=\"panicked\",first=\"false\"} 1"
        ]
    );
}

/// When the panic unwinds through the join, one call succeeds, one panics, and one is dropped half-way.
struct Unwinding(World);

impl Drop for Unwinding {
    fn drop(&mut self) {
        assert!(std::thread::panicking());
        assert!(check(&self.0, End::Return).is_ok());
        assert!(catch_unwind(AssertUnwindSafe(|| check(&self.0, End::Panic))).is_err());
        let mut dropped = call(Callee::Tool, self.0.clone(), yields(1, End::Return));
        assert!(poll_once(&mut dropped).is_pending());
    }
}

#[test]
fn calls_made_and_dropped_while_another_panic_unwinds_end_by_their_own_fate() {
    let (recording, world) = (Recording::new(), World::default());
    let unwound = recording.run(|| {
        catch_unwind(AssertUnwindSafe(|| {
            let _unwinding = Unwinding(world.clone());
            std::panic::resume_unwind(Box::new("made up"));
        }))
    });
    assert!(unwound.is_err());
    assert_equal(&recording, &world.truth, &"unwinding");
    let told = world.truth.counts();
    let names: Vec<_> = told
        .iter()
        .flat_map(|(name, count)| count.ended.iter().map(move |(outcome, n)| (*name, outcome.as_str(), *n)))
        .collect();
    assert_eq!(names, [("check", "success", 1), ("check", "panicked", 1), ("tool", "cancelled", 1)]);
}

#[test]
fn a_call_may_move_to_another_thread_between_two_polls() {
    let (recording, world) = (Recording::new(), World::default());
    let nested = body([Step::Yield, Step::Try(Callee::Tool, yields(2, End::Return)), Step::Yield], End::Return);
    let mut future = recording.scope(call(Callee::Workflow, world.clone(), nested)).boxed();
    let mut polls = 0;
    loop {
        let polled;
        (future, polled) = std::thread::spawn(move || {
            let polled = poll_once(&mut future);
            (future, polled)
        })
        .join()
        .unwrap_or_else(|_| panic!("the thread panicked"));
        polls += 1;
        if let Poll::Ready(output) = polled {
            assert_eq!((output.ok(), polls), (Some(1), 5));
            break;
        }
        assert_equal(&recording, &world.truth, &polls);
    }
    assert_equal(&recording, &world.truth, &"ended");
    let spans = recording.spans();
    let [tool, workflow] = spans.as_slice() else { panic!("two spans, not {spans:?}") };
    assert_eq!(tool.parent_span_id, workflow.span_context.span_id());
}
