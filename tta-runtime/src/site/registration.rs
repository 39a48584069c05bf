//! The registration of call sites with `tracing`, which asks every subscriber about each of them.
//!
//! `tracing` holds locks while it asks. A call that registered its own site would wait for them, and a subscriber that
//! calls annotated functions while it is asked, or while it is installed, would wait for itself. Sites are therefore
//! registered by a thread for which nothing waits. Until then, calls ask the current subscriber alone, without a lock.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use tracing::dispatcher::{Dispatch, WeakDispatch, get_default, with_default};
use tracing::subscriber::NoSubscriber;
use tracing_core::callsite::register;

use super::CallSite;
use crate::host_log::catch_panic;

const UNREGISTERED: u8 = 0;
const REGISTERING: u8 = 1;
const NEVER: u8 = 2;
const SOMETIMES: u8 = 3;

/// The progress of a call site's registration, with the interest of all subscribers at its end.
pub(super) struct Registration(AtomicU8);

impl Registration {
    pub(super) const fn new() -> Self {
        Self(AtomicU8::new(UNREGISTERED))
    }

    /// Ends the registration, or changes the interest.
    pub(super) fn set_interest(&self, is_wanted: bool) {
        self.0.store(if is_wanted { SOMETIMES } else { NEVER }, Ordering::Relaxed);
    }

    /// Returns false if no subscriber is interested.
    pub(super) fn may_be_wanted(&self) -> bool {
        self.0.load(Ordering::Relaxed) != NEVER
    }

    /// Asks the current subscriber whether it wants a call's span.
    ///
    /// The first caller that has a subscriber also has the site registered.
    pub(super) fn asks(&self, site: &'static CallSite, current: &Dispatch) -> bool {
        if current.is::<NoSubscriber>() {
            return false;
        }
        let metadata = &site.metadata;
        let starts =
            || self.0.compare_exchange(UNREGISTERED, REGISTERING, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if self.0.load(Ordering::Relaxed) == UNREGISTERED && starts() {
            // A subscriber that panics here is not asked again: the site stays in this state.
            let is_wanted = !current.register_callsite(metadata).is_never();
            hand_over(site, current);
            return is_wanted && current.enabled(metadata);
        }
        current.enabled(metadata)
    }
}

/// A site to register, and the subscriber of the call that asks for it.
type Request = (&'static CallSite, WeakDispatch);

fn hand_over(site: &'static CallSite, current: &Dispatch) {
    static REGISTRAR: OnceLock<Option<Sender<Request>>> = OnceLock::new();
    let start = || {
        let (send, requests) = channel();
        let thread = thread::Builder::new().name("tta-registrar".to_owned());
        thread.spawn(move || register_all(&requests)).ok().map(|_| send)
    };
    // Without the thread, calls go on asking the current subscriber.
    if let Some(registrar) = REGISTRAR.get_or_init(start) {
        let _ = registrar.send((site, current.downgrade()));
    }
}

fn register_all(requests: &Receiver<Request>) {
    for (site, subscriber) in requests {
        // A program with one subscriber has it asked as this thread's default. One for the whole program is that already.
        let has_default = get_default(|current| !current.is::<NoSubscriber>());
        match subscriber.upgrade() {
            Some(_) if has_default => {
                catch_panic(|| register(site));
            }
            Some(subscriber) => {
                catch_panic(|| with_default(&subscriber, || register(site)));
            }
            // The next call that has a subscriber starts again.
            None => site.registration.0.store(UNREGISTERED, Ordering::Relaxed),
        }
    }
}
