//! Amounts of money.

use super::unit_price::UnitPrice;

/// An amount of money in billionths of a US dollar: an integer, so that sums do not drift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct NanoUsd(pub u64);

impl NanoUsd {
    /// Converts from US dollars, rounding to the nearest nano-dollar, halves up.
    ///
    /// Returns `None` for a negative amount, for 18 billion dollars and above, and for NaN.
    ///
    /// ```
    /// use tta_runtime::llm::NanoUsd;
    ///
    /// assert_eq!(NanoUsd::from_usd(0.0000000125), Some(NanoUsd(13)));
    /// assert_eq!(NanoUsd::from_usd(-1.0), None);
    /// ```
    #[must_use]
    pub fn from_usd(usd: f64) -> Option<Self> {
        // Round the decimal digits that the provider wrote: the float may lie on the other side of a half.
        (usd < 1.8e10).then(|| UnitPrice::from_usd(usd))?.map(|amount| amount.times(1).to_nano_usd())
    }

    /// Returns the amount in US dollars.
    ///
    /// ```
    /// assert_eq!(tta_runtime::llm::NanoUsd(4_000_000).to_usd(), 0.004);
    /// ```
    #[must_use]
    pub fn to_usd(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Returns the sum, saturating at the largest amount.
    #[must_use]
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Formats the amount in US dollars, with cents and all further digits: `$0.004995`.
impl std::fmt::Display for NanoUsd {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (dollars, fraction) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        let digits = format!("{fraction:09}");
        // Cents are always written.
        let (cents, below) = digits.split_at_checked(2).unwrap_or((&digits, ""));
        write!(formatter, "${dollars}.{cents}{}", below.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::NanoUsd;

    #[test]
    fn amounts_are_shown_with_cents_and_every_digit() {
        let shown = [5_000_000_000, 4_995_000, 1, 12_340_000_000, 0].map(|nanos| NanoUsd(nanos).to_string());
        assert_eq!(shown, ["$5.00", "$0.004995", "$0.000000001", "$12.34", "$0.00"]);
    }

    #[test]
    fn dollars_are_rounded_as_they_are_written() {
        // As a binary number, 1.0000000005 times a billion is 1000000000.4999999.
        let amounts = [1.000_000_000_5, 0.004_995, 0.0, f64::NAN, f64::INFINITY, -0.1, 1e300].map(NanoUsd::from_usd);
        let expected = [Some(1_000_000_001), Some(4_995_000), Some(0), None, None, None, None];
        assert_eq!(amounts, expected.map(|nanos| nanos.map(NanoUsd)));
    }
}
