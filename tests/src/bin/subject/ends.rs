//! Ways to end a program, with spans that are not exported yet.

use tta_runtime::primitive;

/// Calls a function ten times, waits for a line, and ends in the way that the second argument names.
pub(super) fn run() {
    let telemetry = super::start();
    let way = std::env::args().nth(2).expect("a way is given");
    if way == "signal_helper" {
        telemetry.shutdown_on_signal().expect("the handler is installed");
    }
    (0..10).for_each(work);
    super::say_and_wait("worked");
    match way.as_str() {
        "return" => {}
        "panic" => panic!("it panics"),
        "exit" => std::process::exit(0),
        "abort" => std::process::abort(),
        "leak" => std::mem::forget(telemetry),
        // The signal comes while it waits.
        "signal" | "signal_helper" => loop {
            std::thread::park();
        },
        other => panic!("no way `{other}`"),
    }
}

#[primitive(type = "tool", name = "ends_work", attributes("number" = number))]
fn work(number: u64) {}
