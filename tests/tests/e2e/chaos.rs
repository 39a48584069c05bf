//! A program under load goes through every scenario of faults, and its numbers equal its own books.

use std::path::Path;
use std::time::Duration;

use tests::watch::report::Law;
use tests::watch::scenario::{SCENARIOS, run};

/// Requests per second.
const RATE: u64 = 50;
/// The length of each scenario; `scripts/chaos` takes longer ones.
const LENGTH: Duration = Duration::from_secs(4);

#[test]
fn whatever_fails_the_numbers_are_those_of_the_program_s_own_books() {
    // Programs that mostly wait run beside each other.
    std::thread::scope(|scope| {
        for scenario in SCENARIOS {
            scope.spawn(move || {
                let outcome = run(scenario, Path::new(env!("CARGO_BIN_EXE_load")), RATE, LENGTH);
                let outcome = outcome.unwrap_or_else(|error| panic!("{}: {error}", scenario.name));
                let laws = &outcome.report.laws;
                let broken: Vec<_> = laws.iter().filter(|law| !law.holds()).map(Law::to_string).collect();
                assert!(broken.is_empty(), "{}: {broken:#?}", scenario.name);
                for number in ["E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9"] {
                    let of_number = laws.iter().filter(|law| law.number == number);
                    assert!(of_number.clone().any(|law| law.right > 0), "{}: {number} compares nothing", scenario.name);
                }
            });
        }
    });
}
