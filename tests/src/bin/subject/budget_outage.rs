//! A program whose shared budget loses its Redis for a while, which its log and its gauge say.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use tta_runtime::block::Redis;
use tta_runtime::llm::{Budget, BudgetExceeded, BudgetRefusal, Estimate, Sharing};
use tta_runtime::testing::Recording;

/// The lines of the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics here").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("nobody panics here")).into_owned()
    }

    fn wait_for(&self, lines: usize) {
        while self.text().lines().count() < lines {
            sleep(Duration::from_millis(5));
        }
    }
}

/// Reserves most of the budget again and again, until the result is that.
fn until(
    recording: &Recording,
    budget: &Budget,
    is_wanted: fn(&Result<(), BudgetExceeded>) -> bool,
) -> Result<(), BudgetExceeded> {
    loop {
        let result = recording.run(|| budget.reserve(&Estimate::usd(0.6)).map(drop));
        if is_wanted(&result) {
            return result;
        }
        sleep(Duration::from_millis(10));
    }
}

pub(super) fn run() {
    let mut arguments = std::env::args().skip(2);
    let redis = Redis::server(&arguments.next().expect("a server is given")).expect("it is an address");
    // A busy machine is no outage.
    let redis = redis.timeout(Duration::from_millis(500));
    let degraded = arguments.next().and_then(|share| share.parse().ok()).expect("a share is given");
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt().without_time().with_ansi(false).with_writer(move || writer.clone()).init();
    let sharing = Sharing::over(redis).lease(Duration::from_millis(500)).degraded(degraded);
    let budget = Budget::usd(1.0).named("fleet").shared(sharing);
    let recording = Recording::in_real_time();
    let away = || recording.metrics("tta_budget_away");
    until(&recording, &budget, Result::is_ok).expect("it is wanted");
    print!("{}", away());
    super::say_and_wait("reserved");
    // Redis is stopped now.
    if degraded > 0.0 {
        let result = until(&recording, &budget, |_| true);
        println!("{}", if result.is_ok() { "a share passes" } else { "a share is refused" });
    }
    let is_away = |result: &Result<(), BudgetExceeded>| {
        result.as_ref().is_err_and(|refused| refused.because == BudgetRefusal::StoreAway)
    };
    if degraded == 0.0 {
        let refused = until(&recording, &budget, is_away).expect_err("it is wanted");
        println!("{refused}");
    }
    log.wait_for(1);
    print!("{}", away());
    super::say_and_wait("noticed");
    // Redis runs again.
    log.wait_for(2);
    until(&recording, &budget, Result::is_ok).expect("it is wanted");
    print!("{}{}", away(), log.text());
}
