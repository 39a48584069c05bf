//! A fleet of processes stays within its shared budget, whatever fails.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use tests::fleet::scenario::{Length, SCENARIOS, run};
use tests::watch::report::Law;

/// Fleets that run at a time: they mostly wait.
const AT_A_TIME: usize = 3;

#[test]
fn whatever_fails_a_fleet_spends_what_its_budget_allows_and_each_call_is_counted_once() {
    let length = Length { processes: 8, calls: 1_000, rounds: 1 };
    let next = AtomicUsize::new(0);
    let lead = || {
        while let Some(scenario) = SCENARIOS.get(next.fetch_add(1, Ordering::SeqCst)) {
            let outcome = run(scenario, Path::new(env!("CARGO_BIN_EXE_fleet")), length);
            let outcome = outcome.unwrap_or_else(|error| panic!("{}: {error}", scenario.name));
            let broken: Vec<_> = outcome.laws.iter().filter(|law| !law.holds()).map(Law::to_string).collect();
            assert!(broken.is_empty(), "{}: {broken:#?}", scenario.name);
            assert!(outcome.passed > 1_000 && outcome.refused > 0, "{}: {outcome:?}", scenario.name);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(lead);
        }
    });
}
