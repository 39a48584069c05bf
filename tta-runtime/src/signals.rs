//! The signals that ask a process to end.

/// Runs a closure on the first SIGTERM or SIGINT, and then lets the signal end the process. A second signal ends it at once.
#[cfg(unix)]
pub(crate) fn on_first(run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    use std::thread;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::{emulate_default_handler, exit};

    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    let end = |signal| {
        // The kernel lets no signal end the first process of a container that has no handler for it.
        if std::process::id() == 1 {
            exit(128 + signal);
        }
        // It ends the process; the signals are not among those for which it can fail.
        let _ = emulate_default_handler(signal);
    };
    let wait = move || {
        let mut signals = signals.forever();
        let Some(first) = signals.next() else { return };
        let run_and_end = move || {
            run();
            end(first);
        };
        if thread::Builder::new().name("tta-end".into()).spawn(run_and_end).is_err() {
            return end(first);
        }
        if let Some(second) = signals.next() {
            end(second);
        }
    };
    thread::Builder::new().name("tta-signals".into()).spawn(wait).map(drop)
}

/// Returns an error: there are no such signals.
#[cfg(not(unix))]
pub(crate) fn on_first(_run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
