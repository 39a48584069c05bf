//! Unit prices: exact prices of one token or one request.

use std::fmt::Write;

use super::nano_usd::NanoUsd;

/// The price of one token or one request, as an integer of 10⁻²¹ US dollars, so that products and sums are exact.
///
/// This keeps 15 decimal places of a price in dollars per million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UnitPrice(u128);

/// Text on the stack: prices are converted for each call, and a price has at most 20 characters.
#[derive(Default)]
struct ShortText {
    bytes: [u8; 32],
    length: usize,
}

impl ShortText {
    fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl Write for ShortText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        let free = self.bytes.get_mut(self.length..end).ok_or(std::fmt::Error)?;
        free.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// A sum of products of prices and numbers, not rounded yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Amount(u128);

/// Decimal places of the integer.
const PLACES: i32 = 21;

/// Significant decimal digits of a price that is read from a float; further digits are binary rounding errors.
const DIGITS: usize = 14;

impl UnitPrice {
    /// Converts a price in US dollars, at 14 significant decimal digits; `None` for negative amounts, for 10¹⁶ dollars and
    /// above, and for NaN.
    pub(crate) fn from_usd(usd: f64) -> Option<Self> {
        if !(0.0..1e16).contains(&usd) {
            return None;
        }
        let mut text = ShortText::default();
        write!(text, "{usd:.*e}", DIGITS - 1).ok()?;
        let (digits, exponent) = text.as_str().split_once('e')?;
        let digits = digits.bytes().filter(u8::is_ascii_digit);
        let digits = digits.fold(0_u128, |number, digit| number * 10 + u128::from(digit - b'0'));
        let shift = exponent.parse::<i32>().ok()? + PLACES - (DIGITS as i32 - 1);
        let power = |places: i32| 10_u128.checked_pow(places.unsigned_abs());
        Some(Self(if shift >= 0 {
            digits.checked_mul(power(shift)?)?
        } else {
            power(shift).map_or(0, |power| (digits + power / 2) / power)
        }))
    }

    /// Returns half of the price, rounded down.
    pub(crate) fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// Returns the price of `n` units.
    pub(crate) fn times(self, n: u64) -> Amount {
        Amount(self.0.saturating_mul(u128::from(n)))
    }
}

impl Amount {
    pub(crate) const ZERO: Self = Self(0);

    /// Returns the difference, at least 0.
    pub(crate) fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Returns the quotient, rounded down; the amount itself for a divisor of 0.
    pub(crate) fn divided_by(self, divisor: u64) -> Self {
        Self(self.0.checked_div(u128::from(divisor)).unwrap_or(self.0))
    }

    /// Returns this many thousandths of the amount.
    pub(crate) fn thousandths(self, thousandths: u64) -> Self {
        Self(self.0.saturating_mul(u128::from(thousandths)) / 1_000)
    }

    /// Returns the amount rounded to whole nano-dollars, halves up.
    pub(crate) fn to_nano_usd(self) -> NanoUsd {
        const PER_NANO: u128 = 1_000_000_000_000;
        let nanos = self.0.saturating_add(PER_NANO / 2) / PER_NANO;
        NanoUsd(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), |sum, amount| Self(sum.0.saturating_add(amount.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::{NanoUsd, UnitPrice};

    #[test]
    fn a_price_is_the_decimal_number_that_was_written() {
        let price = |usd| UnitPrice::from_usd(usd).map(|price| price.0);
        assert_eq!(price(2.5e-6), Some(2_500_000_000_000_000));
        // A quotient of binary numbers, with their rounding error.
        assert_eq!(price(1.500_000_000_000_000_2e-7), price(1.5e-7));
        assert_eq!(price(0.0), Some(0));
        assert_eq!(price(1e-30), Some(0));
        assert_eq!([f64::NAN, -1e-9, f64::INFINITY].map(price), [None; 3]);
    }

    #[test]
    fn halves_are_rounded_up_and_nothing_overflows() {
        let price = UnitPrice::from_usd(12.5e-9).unwrap();
        assert_eq!((price.times(1).to_nano_usd(), price.times(3).to_nano_usd()), (NanoUsd(13), NanoUsd(38)));
        assert_eq!(UnitPrice::from_usd(9e15).unwrap().times(u64::MAX).to_nano_usd(), NanoUsd(u64::MAX));
    }
}
