//! Works or starts anew whenever it is told to, and prints what it has counted at its end.

use tta_runtime::llm::Usage;
use tta_runtime::{LabelValue, primitive};

pub(super) fn run() {
    let mut telemetry = super::start();
    let mut round = 0;
    for line in std::io::stdin().lines().map_while(Result::ok) {
        if line == "restart" {
            let _ = telemetry.shutdown(super::PATIENCE);
            telemetry = super::start();
            println!("restarted");
        } else {
            round += 1;
            let _ = answer(round);
            println!("worked");
        }
    }
    let _ = telemetry.shutdown(super::PATIENCE);
    // Read last, so that the final export and this reading have the same numbers.
    print!("{}", tta_runtime::metrics_text());
}

#[derive(Clone, Copy, LabelValue)]
enum Parity {
    Even,
    Odd,
}

#[primitive(type = "workflow")]
fn answer(round: u64) -> Result<u64, &'static str> {
    (0..round).for_each(|number| look_up(if number % 2 == 0 { Parity::Even } else { Parity::Odd }));
    ask(round);
    if round.is_multiple_of(2) { Err("even") } else { Ok(round) }
}

#[primitive(type = "tool", labels(parity = parity))]
fn look_up(parity: Parity) {
    let _ = parity;
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini",
            usage = |&round: &u64| Usage::new(100 * round, round))]
fn ask(round: u64) -> u64 {
    round
}
