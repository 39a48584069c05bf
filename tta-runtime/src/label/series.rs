//! The limit on the series of a call site, checked at compile time.

// These functions run at compile time: a panic fails the build, and `get` is not `const`.
#![allow(clippy::panic, clippy::indexing_slicing)]

use super::{LabelValue, capped};

/// The most series of one call site.
const LIMIT: usize = 1_000;

/// The number of outcomes: success, failure, timeout, cancelled and panicked.
const OUTCOMES: usize = 5;

/// The number of values of a capped label: its distinct ones, and `other`.
pub const CAPPED: usize = capped::LIMIT + 1;

/// Fails the build if labels of these cardinalities can create too many series.
///
/// The expansion of the attribute calls it in a constant, with the labels whose types are written in the signature.
///
/// # Panics
///
/// Panics at compile time if the product of the outcomes and all cardinalities exceeds 1,000.
#[track_caller]
pub const fn series(labels: &[(&str, usize)]) {
    let mut total = OUTCOMES;
    let mut index = 0;
    while index < labels.len() {
        total = total.saturating_mul(labels[index].1);
        index += 1;
    }
    if total <= LIMIT {
        return;
    }
    let mut message = ConstMessage::new();
    message = message.text("this call can create ").number(total).text(" series: ").number(OUTCOMES).text(" outcomes");
    index = 0;
    while index < labels.len() {
        let (name, cardinality) = labels[index];
        if cardinality != 1 {
            message = message.text(" × ");
            if !name.is_empty() {
                message = message.text("`").text(name).text("` with ");
            }
            message = message.number(cardinality);
        }
        index += 1;
    }
    message = message.text("; the limit is 1000: move a label to `attributes(…)`, or give it fewer values");
    panic!("{}", message.as_str());
}

/// A wrapper whose constants exist for every type: a type that is no label value is reported elsewhere.
#[derive(Debug)]
pub struct MaybeClosed<T>(std::marker::PhantomData<T>);

impl<T: LabelValue> MaybeClosed<T> {
    /// The number of values of the type.
    pub const CARDINALITY: usize = T::CARDINALITY;

    /// All values of the type.
    pub const VALUES: Option<fn() -> Vec<&'static str>> = Some(T::values);
}

/// The constants of [`MaybeClosed`] for a type that is no label value; inherent constants take precedence.
pub trait NotClosed {
    /// Neutral in a product.
    const CARDINALITY: usize = 1;

    /// Declares no series.
    const VALUES: Option<fn() -> Vec<&'static str>> = None;
}

impl<T> NotClosed for MaybeClosed<T> {}

/// References to the values of several labels, as a tuple.
pub trait LabelTuple<const COUNT: usize>: Sized {
    /// The cardinality of each label.
    const CARDINALITIES: [usize; COUNT];

    /// Returns the value of each label.
    fn label_values(self) -> [&'static str; COUNT];
}

macro_rules! labels {
    ($count:literal: $($label:ident $index:tt),*) => {
        impl<$($label: LabelValue + ?Sized),*> LabelTuple<$count> for ($(&$label,)*) {
            const CARDINALITIES: [usize; $count] = [$($label::CARDINALITY),*];

            fn label_values(self) -> [&'static str; $count] {
                [$(self.$index.label_value()),*]
            }
        }
    };
}
labels!(1: A 0);
labels!(2: A 0, B 1);
labels!(3: A 0, B 1, C 2);
labels!(4: A 0, B 1, C 2, D 3);
labels!(5: A 0, B 1, C 2, D 3, E 4);
labels!(6: A 0, B 1, C 2, D 3, E 4, F 5);
labels!(7: A 0, B 1, C 2, D 3, E 4, F 5, G 6);
labels!(8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

/// Returns the values of labels of which some types are not written in the signature.
///
/// `CAPPED_LABELS` is the number of capped labels besides these. Too many series fail the build when the function is
/// monomorphized.
#[inline]
pub fn labels<const CAPPED_LABELS: u32, const COUNT: usize, L: LabelTuple<COUNT>>(labels: L) -> [&'static str; COUNT] {
    const { check_series::<CAPPED_LABELS, COUNT>(L::CARDINALITIES) };
    labels.label_values()
}

#[track_caller]
const fn check_series<const CAPPED_LABELS: u32, const COUNT: usize>(cardinalities: [usize; COUNT]) {
    let mut factors = [("", 1); 9];
    let mut index = 0;
    while index < COUNT {
        factors[index].1 = cardinalities[index];
        index += 1;
    }
    factors[COUNT].1 = CAPPED.saturating_pow(CAPPED_LABELS);
    series(&factors);
}

/// A message assembled at compile time.
struct ConstMessage {
    bytes: [u8; 1_024],
    length: usize,
}

impl ConstMessage {
    const fn new() -> Self {
        Self { bytes: [0; 1_024], length: 0 }
    }

    const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        // Omit a part that does not fit as a whole, so that the message stays valid UTF-8.
        if self.length + text.len() <= self.bytes.len() {
            let mut index = 0;
            while index < text.len() {
                self.bytes[self.length] = text[index];
                self.length += 1;
                index += 1;
            }
        }
        self
    }

    const fn number(self, number: usize) -> Self {
        let message = if number >= 10 { self.number(number / 10) } else { self };
        let digits = "0123456789".as_bytes();
        let (_, rest) = digits.split_at(number % 10);
        let (digit, _) = rest.split_at(1);
        match str::from_utf8(digit) {
            Ok(digit) => message.text(digit),
            Err(_) => message,
        }
    }

    const fn as_str(&self) -> &str {
        let (message, _) = self.bytes.split_at(self.length);
        match str::from_utf8(message) {
            Ok(message) => message,
            Err(_) => "this call can create too many series",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(labels: &[(&str, usize)]) -> Option<String> {
        let panic = std::panic::catch_unwind(|| series(labels)).err()?;
        panic.downcast_ref::<String>().cloned()
    }

    #[test]
    fn a_thousand_series_are_allowed() {
        assert_eq!(check(&[("a", 100), ("b", 2)]), None);
    }

    #[test]
    fn the_message_has_the_number_and_its_factors() {
        let expected = "this call can create 1320 series: 5 outcomes × `audience` with 12 × `region` with 22; \
            the limit is 1000: move a label to `attributes(…)`, or give it fewer values";
        assert_eq!(check(&[("audience", 12), ("tier", 1), ("region", 22)]).as_deref(), Some(expected));
    }

    #[test]
    fn an_overflowing_product_is_too_large() {
        assert!(check(&[("a", usize::MAX), ("b", usize::MAX)]).is_some());
    }

    #[test]
    fn values_come_in_the_order_of_the_labels() {
        assert_eq!(labels::<0, 2, _>((&true, &(false, true))), ["true", "false/true"]);
    }
}
