//! The state machine under random sequences of events.

use std::time::Duration;

use proptest::prelude::*;

use super::machine::{CircuitPolicy, CircuitState, HealthSignal, Machine, Ticket, Trip};
use crate::clock::Monotonic;

const COOL_DOWN: Duration = Duration::from_secs(10);

pub(super) fn policy(trip: Trip, probes: u32) -> CircuitPolicy {
    CircuitPolicy { trip, cool_down: COOL_DOWN, probes }
}

pub(super) fn at(seconds: u64) -> Monotonic {
    Monotonic(seconds * 1_000_000_000)
}

#[derive(Clone, Debug)]
enum Event {
    Ask,
    /// A call in flight ends.
    End(prop::sample::Index, HealthSignal),
    /// A call in flight is lost and never ends.
    Lose(prop::sample::Index),
    Wait(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let signal = prop_oneof![Just(HealthSignal::Success), Just(HealthSignal::Failure), Just(HealthSignal::Neutral)];
    prop_oneof![
        4 => Just(Event::Ask),
        3 => (any::<prop::sample::Index>(), signal).prop_map(|(which, signal)| Event::End(which, signal)),
        1 => any::<prop::sample::Index>().prop_map(Event::Lose),
        1 => (1_u64..15).prop_map(Event::Wait),
    ]
}

fn trip() -> impl Strategy<Value = Trip> {
    let rate = (0.1_f64..1.0, 1_u32..6).prop_map(|(share, min_calls)| Trip::Rate {
        share,
        window: Duration::from_secs(20),
        min_calls,
    });
    prop_oneof![(1_u32..4).prop_map(Trip::Consecutive), rate]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn probes_in_flight_and_successes_never_exceed_their_limit(
        trip in trip(), probes in 1_u32..4, events in prop::collection::vec(event(), 1..200),
    ) {
        let mut machine = Machine::new(policy(trip, probes));
        let mut seconds = 0;
        let mut in_flight: Vec<Ticket> = Vec::new();
        // In the current period: the places taken and not freed by a neutral result, and the start of the period.
        let (mut out, mut began) = (0_u32, 0_u64);
        // The period in which the current state began, and the successful probes since then.
        let (mut since, mut succeeded) = (0, 0);
        let (mut taken, mut returned, mut lost) = (0, 0, 0);
        for event in events {
            let before = machine.period();
            let state_before = machine.state();
            match event {
                Event::Wait(by) => seconds += by,
                Event::Ask => {
                    let (admitted, change) = machine.admit(at(seconds));
                    if machine.period() != before {
                        (out, began) = (0, seconds);
                    }
                    if change.is_some() {
                        (since, succeeded) = (machine.period(), 0);
                    }
                    match admitted {
                        Ok(ticket) => {
                            taken += 1;
                            out += 1;
                            prop_assert_ne!(machine.state(), CircuitState::Open);
                            in_flight.push(ticket);
                        }
                        Err(retry_in) => {
                            // The time to retry is exact.
                            prop_assert_eq!(retry_in, COOL_DOWN.saturating_sub(Duration::from_secs(seconds - began)));
                            prop_assert!(state_before != CircuitState::Closed);
                        }
                    }
                    if machine.state() == CircuitState::HalfOpen {
                        prop_assert!(out <= probes, "{out} of {probes}");
                    }
                }
                Event::End(which, signal) if !in_flight.is_empty() => {
                    let ticket = in_flight.swap_remove(which.index(in_flight.len()));
                    returned += 1;
                    let change = machine.settle(ticket, signal, at(seconds));
                    // Results of earlier rounds count as well, but free no places.
                    if signal == HealthSignal::Neutral || ticket.period < since || state_before == CircuitState::Open {
                        prop_assert_eq!(machine.period(), before, "a call without effect changed the period");
                    } else if state_before == CircuitState::HalfOpen {
                        succeeded += u32::from(signal == HealthSignal::Success);
                        let expected = match signal {
                            HealthSignal::Failure => CircuitState::Open,
                            _ if succeeded == probes => CircuitState::Closed,
                            _ => CircuitState::HalfOpen,
                        };
                        prop_assert_eq!(machine.state(), expected);
                    }
                    if signal == HealthSignal::Neutral && ticket.period == before {
                        out -= 1;
                    }
                    if machine.period() != before {
                        (out, began) = (0, seconds);
                    }
                    if change.is_some() {
                        (since, succeeded) = (machine.period(), 0);
                    }
                }
                Event::Lose(which) if !in_flight.is_empty() => {
                    lost += 1;
                    in_flight.swap_remove(which.index(in_flight.len()));
                }
                Event::End(..) | Event::Lose(_) => {}
            }
        }
        prop_assert_eq!(taken, returned + lost + in_flight.len());
        // Even if all calls in flight are lost, a call is admitted after a cool-down.
        prop_assert!(machine.admit(at(seconds + COOL_DOWN.as_secs())).0.is_ok());
    }
}

#[test]
fn a_rate_needs_a_minimum_of_calls() {
    let trip = Trip::Rate { share: 0.5, window: Duration::from_secs(20), min_calls: 4 };
    let mut machine = Machine::new(policy(trip, 1));
    let call = |machine: &mut Machine, signal, seconds| {
        let ticket = machine.admit(at(seconds)).0.expect("it is closed");
        machine.settle(ticket, signal, at(seconds));
        machine.state()
    };
    assert_eq!(call(&mut machine, HealthSignal::Failure, 0), CircuitState::Closed);
    assert_eq!(call(&mut machine, HealthSignal::Failure, 1), CircuitState::Closed);
    assert_eq!(call(&mut machine, HealthSignal::Success, 2), CircuitState::Closed);
    assert_eq!(call(&mut machine, HealthSignal::Neutral, 2), CircuitState::Closed);
    // The first two calls have left the window.
    assert_eq!(call(&mut machine, HealthSignal::Failure, 22), CircuitState::Closed);
    assert_eq!(call(&mut machine, HealthSignal::Failure, 23), CircuitState::Closed);
    assert_eq!(call(&mut machine, HealthSignal::Success, 24), CircuitState::Closed);
    assert_eq!(call(&mut machine, HealthSignal::Failure, 25), CircuitState::Open);
}

#[test]
fn a_probe_that_is_slower_than_the_cool_down_still_counts() {
    for (signal, state) in [(HealthSignal::Success, CircuitState::Closed), (HealthSignal::Failure, CircuitState::Open)]
    {
        let mut machine = Machine::new(policy(Trip::Consecutive(1), 1));
        let ticket = machine.admit(at(0)).0.expect("it is closed");
        machine.settle(ticket, HealthSignal::Failure, at(0));
        let slow = machine.admit(at(10)).0.expect("it has cooled down");
        assert_eq!(machine.admit(at(19)).0, Err(Duration::from_secs(1)));
        let other = machine.admit(at(20)).0.expect("the first may be lost");
        assert_eq!(machine.settle(slow, HealthSignal::Neutral, at(21)), None);
        assert_eq!(machine.admit(at(22)).0, Err(Duration::from_secs(8)), "its place went to the other");
        machine.settle(slow, signal, at(25));
        assert_eq!(machine.state(), state);
        assert_eq!(machine.settle(other, HealthSignal::Failure, at(26)), None);
        assert_eq!(machine.state(), state);
    }
}
