//! Injected faults: errors, rate limits, slow answers, broken connections and broken bodies.

use std::time::Duration;

/// The share of requests with a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FaultShare(f64);

impl FaultShare {
    /// Creates a share from a percentage; returns `None` unless it is between 0 and 100.
    pub(crate) fn from_percent(percent: f64) -> Option<Self> {
        (0.0..=100.0).contains(&percent).then_some(Self(percent / 100.0))
    }
}

/// A fault of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Status 500 at once.
    ServerError,
    /// Status 429 with `Retry-After`.
    RateLimited { retry_after_seconds: u64 },
    /// The correct answer with a delay, which may exceed a client's timeout.
    Slow { extra: Duration },
    /// The connection closes in the middle of the body.
    Disconnect,
    /// Status 200 and truncated JSON.
    BrokenJson,
    /// Status 200 and JSON of another shape.
    WrongShape,
}

impl Fault {
    /// Draws the fault of a request, `None` for no fault.
    pub(crate) fn draw(share: FaultShare, random: &mut fastrand::Rng) -> Option<Self> {
        if random.f64() >= share.0 {
            return None;
        }
        Some(match random.u8(..6) {
            0 => Self::ServerError,
            1 => Self::RateLimited { retry_after_seconds: random.u64(1..=2) },
            2 => Self::Slow { extra: Duration::from_millis(random.u64(2_000..=16_000)) },
            3 => Self::Disconnect,
            4 => Self::BrokenJson,
            _ => Self::WrongShape,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(percent: f64) -> usize {
        let share = FaultShare::from_percent(percent).expect("a percentage");
        let mut random = fastrand::Rng::with_seed(3);
        (0..10_000).filter(|_| Fault::draw(share, &mut random).is_some()).count()
    }

    #[test]
    fn the_share_is_kept() {
        assert_eq!(count(0.0), 0);
        assert_eq!(count(100.0), 10_000);
        assert!((900..1_100).contains(&count(10.0)), "{}", count(10.0));
    }

    #[test]
    fn a_share_is_a_percentage() {
        assert_eq!(FaultShare::from_percent(-1.0), None);
        assert_eq!(FaultShare::from_percent(100.5), None);
        assert_eq!(FaultShare::from_percent(f64::NAN), None);
    }
}
