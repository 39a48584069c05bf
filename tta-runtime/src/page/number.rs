//! Numbers of the page's API in the form that JSON can carry.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};

use crate::clock::nanoseconds;

/// A whole number in decimal digits: JSON's numbers are exact up to 2^53 alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Decimal(pub(super) u64);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Returns a time in nanoseconds since 1970, 0 before that.
pub(super) fn unix_ns(at: SystemTime) -> Decimal {
    Decimal(at.duration_since(UNIX_EPOCH).map_or(0, nanoseconds))
}

/// Returns an amount in US dollars in nano-dollars.
pub(super) fn nano_usd(usd: f64) -> Decimal {
    Decimal(if usd > 0.0 { (usd * 1e9).round() as u64 } else { 0 })
}

/// Returns a share, 0 of nothing.
pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
