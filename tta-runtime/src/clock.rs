//! The time: monotonic for what is measured, wall only to date a span.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

#[cfg(any(test, feature = "testing"))]
pub(crate) use manual::ManualTime;

/// A point on the monotonic clock, in nanoseconds since the process first asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Monotonic(pub(crate) u64);

impl Monotonic {
    /// Returns the time since `earlier`, zero if `earlier` is later.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Where a recorder takes its time from.
#[derive(Debug)]
pub(crate) enum Clock {
    /// The machine's clocks.
    System,
    /// A clock that stands still until a test moves it.
    #[cfg(any(test, feature = "testing"))]
    Manual(ManualTime),
}

impl Clock {
    /// Returns the monotonic time.
    #[inline]
    pub(crate) fn now(&self) -> Monotonic {
        match self {
            Self::System => match COUNTER.get() {
                Some(counter) => counter.now(),
                None => Monotonic(nanoseconds(anchor().monotonic.elapsed())),
            },
            #[cfg(any(test, feature = "testing"))]
            Self::Manual(time) => time.now(),
        }
    }

    /// Returns the wall clock's reading at a monotonic time.
    ///
    /// The two clocks are tied together once per process, so spans of one process never run backwards when the wall
    /// clock is set; a manual clock starts at the Unix epoch.
    pub(crate) fn wall(&self, at: Monotonic) -> SystemTime {
        let origin = match self {
            Self::System => anchor().wall,
            #[cfg(any(test, feature = "testing"))]
            Self::Manual(_) => SystemTime::UNIX_EPOCH,
        };
        origin.checked_add(Duration::from_nanos(at.0)).unwrap_or(origin)
    }
}

/// Returns a duration in whole nanoseconds, the largest `u64` beyond 584 years.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    // `as_nanos` multiplies in 128 bits, which the path of every call need not pay for.
    duration.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(duration.subsec_nanos()))
}

struct Anchor {
    monotonic: Instant,
    wall: SystemTime,
}

fn anchor() -> &'static Anchor {
    static ANCHOR: OnceLock<Anchor> = OnceLock::new();
    ANCHOR.get_or_init(|| Anchor { monotonic: Instant::now(), wall: SystemTime::now() })
}

/// The processor's own counter, once it is known how fast it runs; it is read in half the time that the operating
/// system's clock takes.
static COUNTER: OnceLock<Counter> = OnceLock::new();

struct Counter {
    clock: quanta::Clock,
    origin: u64,
    at_origin: Monotonic,
}

impl Counter {
    #[inline]
    fn now(&self) -> Monotonic {
        Monotonic(self.at_origin.0 + self.clock.delta_as_nanos(self.origin, self.clock.raw()))
    }
}

/// Finds out how fast the processor's counter runs, which takes up to 0.2 s, on a thread of its own; the operating
/// system's clock is read until then, and for good where the processor has no such counter.
pub(crate) fn calibrate() {
    let calibrate = || {
        COUNTER.get_or_init(|| {
            let clock = quanta::Clock::new();
            let at_origin = Monotonic(nanoseconds(anchor().monotonic.elapsed()));
            Counter { origin: clock.raw(), clock, at_origin }
        });
    };
    // Without a thread the operating system's clock does as well.
    let _ = std::thread::Builder::new().name("tta-clock".into()).spawn(calibrate);
}

#[cfg(any(test, feature = "testing"))]
mod manual {
    //! Time that a test moves.

    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use super::{Monotonic, nanoseconds};

    /// The reading of a manual clock, in nanoseconds.
    #[derive(Debug, Default)]
    pub(crate) struct ManualTime(AtomicU64);

    impl ManualTime {
        pub(crate) fn now(&self) -> Monotonic {
            Monotonic(self.0.load(Ordering::SeqCst))
        }

        #[cfg(feature = "testing")]
        pub(crate) fn advance(&self, by: Duration) {
            self.0.fetch_add(nanoseconds(by), Ordering::SeqCst);
        }
    }
}
