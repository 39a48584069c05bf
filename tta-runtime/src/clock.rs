//! Time: the monotonic clock measures, the wall clock dates spans.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

#[cfg(any(test, feature = "testing"))]
pub(crate) use manual::ManualTime;

/// A point on the monotonic clock, in nanoseconds since its first reading in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Monotonic(pub(crate) u64);

impl Monotonic {
    /// Returns the time `by` later, saturating.
    #[cfg(feature = "blocks")]
    pub(crate) fn after(self, by: Duration) -> Self {
        Self(self.0.saturating_add(nanoseconds(by)))
    }

    /// Returns the time elapsed since `earlier`, zero if `earlier` is later.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// The source of a recorder's time.
#[derive(Debug)]
pub(crate) enum Clock {
    /// The operating system's clocks.
    System,
    /// A clock that advances only when a test advances it.
    #[cfg(any(test, feature = "testing"))]
    Manual(ManualTime),
    /// The clock of tokio's timers, which a test may have paused.
    #[cfg(feature = "testing")]
    Timers(tokio::time::Instant),
}

impl Clock {
    /// Returns the monotonic time.
    #[inline]
    pub(crate) fn now(&self) -> Monotonic {
        match self {
            Self::System => match COUNTER.get() {
                Some(counter) => counter.now(),
                None => before_calibration(),
            },
            #[cfg(any(test, feature = "testing"))]
            Self::Manual(time) => time.now(),
            #[cfg(feature = "testing")]
            Self::Timers(start) => Monotonic(nanoseconds(start.elapsed())),
        }
    }

    /// Returns the clock of tokio's timers, starting at zero now.
    #[cfg(feature = "testing")]
    pub(crate) fn of_timers() -> Self {
        Self::Timers(tokio::time::Instant::now())
    }

    /// Reads the monotonic clock and the wall clock together.
    pub(crate) fn anchor(&self) -> ClockAnchor {
        match self {
            Self::System => ClockAnchor::new(self.now(), SystemTime::now()),
            #[cfg(any(test, feature = "testing"))]
            Self::Manual(_) => ClockAnchor::new(Monotonic::default(), SystemTime::UNIX_EPOCH),
            #[cfg(feature = "testing")]
            Self::Timers(_) => ClockAnchor::new(Monotonic::default(), SystemTime::UNIX_EPOCH),
        }
    }
}

/// A reading of the monotonic clock and the wall clock at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClockAnchor {
    monotonic: Monotonic,
    wall: SystemTime,
    /// The reading of the wall clock in nanoseconds since 1970.
    wall_nanoseconds: u64,
}

impl ClockAnchor {
    /// The largest drift between the clocks before the anchor is replaced; a wall clock that was set drifts more.
    const TOLERANCE: Duration = Duration::from_millis(1);

    fn new(monotonic: Monotonic, wall: SystemTime) -> Self {
        let wall_nanoseconds = wall.duration_since(SystemTime::UNIX_EPOCH).map_or(0, nanoseconds);
        Self { monotonic, wall, wall_nanoseconds }
    }

    /// Converts a monotonic time into wall-clock time.
    pub(crate) fn wall(self, at: Monotonic) -> SystemTime {
        let dated = if at >= self.monotonic {
            self.wall.checked_add(at.since(self.monotonic))
        } else {
            self.wall.checked_sub(self.monotonic.since(at))
        };
        dated.unwrap_or(self.wall)
    }

    /// Converts a monotonic time into nanoseconds since 1970.
    #[cfg(feature = "otlp")]
    #[inline]
    pub(crate) fn wall_nanoseconds(self, at: Monotonic) -> u64 {
        match at.0.checked_sub(self.monotonic.0) {
            Some(after) => self.wall_nanoseconds.saturating_add(after),
            None => self.wall_nanoseconds.saturating_sub(self.monotonic.0 - at.0),
        }
    }

    /// Returns this anchor, or `now` if the clocks have drifted apart.
    ///
    /// Keeping the anchor keeps the spans of a trace in order.
    pub(crate) fn resynced(self, now: Self) -> Self {
        let expected = self.wall(now.monotonic);
        let off = expected.duration_since(now.wall).or_else(|_| now.wall.duration_since(expected));
        if off.is_ok_and(|off| off <= Self::TOLERANCE) { self } else { now }
    }
}

/// Returns the time on the clock of tokio's timers, which a test may have paused.
#[cfg(feature = "blocks")]
pub(crate) fn timer_now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Returns the time left until `deadline` on the clock of tokio's timers, zero if it has passed.
#[cfg(feature = "blocks")]
pub(crate) fn until(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(timer_now())
}

/// Returns the second of the wall clock, counted from 1970; 0 before that.
pub(crate) fn wall_second() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Returns a duration in whole nanoseconds, saturating at `u64::MAX` (584 years).
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    // `as_nanos` multiplies in 128 bits, too slow for the hot path.
    duration.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(duration.subsec_nanos()))
}

/// The origin of monotonic time.
fn anchor() -> Instant {
    static ANCHOR: OnceLock<Instant> = OnceLock::new();
    *ANCHOR.get_or_init(Instant::now)
}

/// The processor's cycle counter, once calibrated; reading it takes half as long as the operating system's clock.
static COUNTER: OnceLock<CycleCounter> = OnceLock::new();

struct CycleCounter {
    clock: quanta::Clock,
    origin: u64,
    at_origin: Monotonic,
    /// The nanoseconds of 2^[`SCALE`] counts: rounded, they are off by less than a nanosecond in a minute.
    scaled_nanoseconds: u64,
}

/// The power of two by which a product of counts and nanoseconds is scaled.
const SCALE: u32 = 40;

impl CycleCounter {
    fn new(clock: quanta::Clock, origin: u64, at_origin: Monotonic) -> Self {
        let scaled_nanoseconds = clock.delta_as_nanos(0, 1 << SCALE);
        Self { clock, origin, at_origin, scaled_nanoseconds }
    }

    #[inline]
    fn now(&self) -> Monotonic {
        Monotonic(self.at_origin.0 + self.nanoseconds(self.clock.raw().saturating_sub(self.origin)))
    }

    #[inline]
    fn nanoseconds(&self, counts: u64) -> u64 {
        ((u128::from(counts) * u128::from(self.scaled_nanoseconds)) >> SCALE) as u64
    }
}

/// Reads the operating system's clock. The first reading has the processor's cycle counter calibrated for the later ones.
#[cold]
fn before_calibration() -> Monotonic {
    calibrate();
    Monotonic(nanoseconds(anchor().elapsed()))
}

/// Calibrates the processor's cycle counter on a background thread, once, which takes up to 0.2 s.
///
/// Until then the operating system's clock is read; for good if the processor has no such counter.
pub(crate) fn calibrate() {
    static STARTED: AtomicBool = AtomicBool::new(false);
    if STARTED.load(Ordering::Relaxed) || STARTED.swap(true, Ordering::Relaxed) {
        return;
    }
    let calibrate = || {
        COUNTER.get_or_init(|| {
            let clock = quanta::Clock::new();
            let (origin, at_origin) = simultaneous(|| clock.raw(), || anchor().elapsed());
            CycleCounter::new(clock, origin, Monotonic(nanoseconds(at_origin)))
        });
    };
    // Without a thread, the operating system's clock stays in use.
    let _ = std::thread::Builder::new().name("tta-clock".into()).spawn(calibrate);
}

/// Reads a counter at a time of the operating system's clock.
///
/// A thread that is interrupted between the two readings would move the counter's times by the interruption, for good: of several
/// attempts, the shortest counts, and its counter is taken for that of its end, so that time never goes back.
fn simultaneous(counter: impl Fn() -> u64, time: impl Fn() -> Duration) -> (u64, Duration) {
    const ATTEMPTS: usize = 16;
    let attempt = || {
        let (start, count, end) = (time(), counter(), time());
        (end.saturating_sub(start), count, end)
    };
    let attempts = std::iter::repeat_with(attempt).take(ATTEMPTS);
    let (_, count, end) = attempts.min_by_key(|&(took, ..)| took).unwrap_or_else(attempt);
    (count, end)
}

#[cfg(any(test, feature = "testing"))]
mod manual {
    //! A clock that a test advances.

    use std::sync::atomic::{AtomicU64, Ordering};

    use super::Monotonic;

    /// The reading of a manual clock, in nanoseconds.
    #[derive(Debug, Default)]
    pub(crate) struct ManualTime(AtomicU64);

    impl ManualTime {
        pub(crate) fn now(&self) -> Monotonic {
            Monotonic(self.0.load(Ordering::SeqCst))
        }

        #[cfg(feature = "testing")]
        pub(crate) fn advance(&self, by: std::time::Duration) {
            self.0.fetch_add(super::nanoseconds(by), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::{Duration, SystemTime};

    use super::{ClockAnchor, CycleCounter, Monotonic, simultaneous};

    #[test]
    fn a_day_of_counts_takes_as_long_as_the_calibration_says() {
        let counter = CycleCounter::new(quanta::Clock::new(), 0, Monotonic(0));
        let day = Duration::from_secs(86_400).as_nanos() as u64;
        for counts in [0, 1, 1_000, 1 << 32, day, 5 * day] {
            let (have, want) = (counter.nanoseconds(counts), counter.clock.delta_as_nanos(0, counts));
            assert!(want - have <= 1 + want / 100_000_000_000, "{counts}: {have} is not {want}");
        }
    }

    #[test]
    fn of_several_readings_of_both_clocks_the_least_interrupted_counts() {
        // In microseconds: a thread is interrupted for this long around the counter's reading, at each attempt in turn.
        let interruptions: Vec<u64> = (0..16).map(|attempt| if attempt == 9 { 1 } else { 50 + attempt }).collect();
        let (now, attempt) = (Cell::new(0), Cell::new(0));
        let counter = || {
            now.set(now.get() + interruptions[attempt.get()]);
            attempt.set(attempt.get() + 1);
            1_000_000 + now.get()
        };
        let (count, at) = simultaneous(counter, || Duration::from_micros(now.get()));
        assert_eq!(attempt.get(), interruptions.len());
        let at_end_of_shortest: u64 = interruptions.iter().take(10).sum();
        assert_eq!((count, at), (1_000_000 + at_end_of_shortest, Duration::from_micros(at_end_of_shortest)));
    }

    #[test]
    fn a_dating_is_kept_until_the_wall_clock_is_set() {
        let wall = |seconds: f64| SystemTime::UNIX_EPOCH + Duration::from_secs_f64(seconds);
        let at = |seconds: u64| Monotonic(seconds * 1_000_000_000);
        let first = ClockAnchor::new(at(10), wall(100.0));
        assert_eq!((first.wall(at(7)), first.wall(at(12))), (wall(97.0), wall(102.0)));
        let drifted = ClockAnchor::new(at(20), wall(110.0005));
        assert_eq!(first.resynced(drifted).wall(at(20)), wall(110.0));
        let set = ClockAnchor::new(at(20), wall(50.0));
        assert_eq!(first.resynced(set).wall(at(20)), wall(50.0));
    }
}
