//! Label values: closed sets of short texts, known at compile time.

mod capped;
mod intern;
mod series;
pub(crate) mod top;

pub(crate) use capped::{capped, capped_overflows};
#[doc(hidden)]
pub use series::{CAPPED, LabelTuple, MaybeClosed, NotClosed, labels, series};

use intern::Interner;

/// A type whose values can label a metric, because all of them are known at compile time.
///
/// Derive it for enums without fields. `bool`, references to label values, and tuples of two to four label values implement
/// it too. For text that is known at run time only, write `capped(…)` in the attribute.
///
/// ```
/// use tta_runtime::LabelValue;
///
/// #[derive(LabelValue)]
/// enum Audience { Public, InternalOnly }
///
/// assert_eq!(Audience::CARDINALITY, 2);
/// assert_eq!(Audience::InternalOnly.label_value(), "internal_only");
/// assert_eq!((Audience::Public, true).label_value(), "public/true");
/// assert_eq!(<(Audience, bool)>::CARDINALITY, 4);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a closed set of label values",
    label = "the values of this label are not known at compile time",
    note = "write a string literal, or derive `LabelValue` for a field-less enum, or write `capped(…)` around text",
    note = "for a value that should not be a label, use `attributes(…)`"
)]
pub trait LabelValue {
    /// The number of values.
    const CARDINALITY: usize;

    /// Returns all values, in the order of declaration.
    fn values() -> Vec<&'static str>;

    /// Returns the value as it appears in metrics.
    fn label_value(&self) -> &'static str;
}

impl LabelValue for bool {
    const CARDINALITY: usize = 2;

    fn values() -> Vec<&'static str> {
        vec!["false", "true"]
    }

    fn label_value(&self) -> &'static str {
        if *self { "true" } else { "false" }
    }
}

impl<T: LabelValue + ?Sized> LabelValue for &T {
    const CARDINALITY: usize = T::CARDINALITY;

    fn values() -> Vec<&'static str> {
        T::values()
    }

    fn label_value(&self) -> &'static str {
        T::label_value(self)
    }
}

impl<T: LabelValue + ?Sized> LabelValue for &mut T {
    const CARDINALITY: usize = T::CARDINALITY;

    fn values() -> Vec<&'static str> {
        T::values()
    }

    fn label_value(&self) -> &'static str {
        T::label_value(self)
    }
}

/// The texts of tuples. Each tuple is a closed set, so the program's source bounds their number.
static TUPLES: Interner = Interner::new();

macro_rules! tuple {
    ($($part:ident $index:tt),*) => {
        impl<$($part: LabelValue),*> LabelValue for ($($part,)*) {
            const CARDINALITY: usize = 1_usize$(.saturating_mul($part::CARDINALITY))*;

            fn values() -> Vec<&'static str> {
                let mut sets: Vec<Vec<&'static str>> = vec![Vec::new()];
                for values in [$($part::values()),*] {
                    sets = sets
                        .iter()
                        .flat_map(|set| values.iter().map(|&value| [set.as_slice(), &[value]].concat()))
                        .collect();
                }
                sets.iter().map(|set| TUPLES.intern(set)).collect()
            }

            fn label_value(&self) -> &'static str {
                TUPLES.intern(&[$(self.$index.label_value()),*])
            }
        }
    };
}
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tuple_has_one_text_for_each_combination() {
        assert_eq!(<(bool, &bool)>::values(), ["false/false", "false/true", "true/false", "true/true"]);
        assert_eq!((true, &false, true).label_value(), "true/false/true");
        assert_eq!(<(bool, bool, bool, bool)>::CARDINALITY, 16);
    }

    #[test]
    fn a_text_is_made_once() {
        assert!(std::ptr::eq((true, false).label_value(), (true, false).label_value()));
    }
}
