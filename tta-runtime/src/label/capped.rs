//! Capped labels: values known at run time only, limited in number.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::intern::Interner;
use crate::text::{LONGEST_LABEL, clean};

/// The most distinct values of a capped label in a process.
pub(super) const LIMIT: usize = 50;

/// The value that replaces all values beyond the limit.
pub(super) const OTHER: &str = "other";

/// The values of one capped label. Labels form a list that only grows, so that reading it takes no lock.
struct CappedLabel {
    name: &'static str,
    values: Interner,
    distinct: AtomicUsize,
    overflows: AtomicU64,
    next: OnceLock<Box<CappedLabel>>,
}

static FIRST: OnceLock<CappedLabel> = OnceLock::new();

/// Returns the value while its label is below the limit, `other` beyond it; each replacement is counted.
#[inline]
pub(crate) fn capped(label: &'static str, value: &str) -> &'static str {
    CappedLabel::of(label).value(value)
}

/// Returns, for each label beyond the limit, how often `other` replaced a value.
pub(crate) fn capped_overflows() -> Vec<(&'static str, u64)> {
    std::iter::successors(FIRST.get(), |label| label.next.get().map(Box::as_ref))
        .map(|label| (label.name, label.overflows.load(Ordering::Relaxed)))
        .filter(|(_, overflows)| *overflows > 0)
        .collect()
}

impl CappedLabel {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            values: Interner::new(),
            distinct: AtomicUsize::new(0),
            overflows: AtomicU64::new(0),
            next: OnceLock::new(),
        }
    }

    fn of(name: &'static str) -> &'static Self {
        let mut label = FIRST.get_or_init(|| CappedLabel::new(name));
        while label.name != name {
            label = label.next.get_or_init(|| Box::new(CappedLabel::new(name)));
        }
        label
    }

    fn value(&self, value: &str) -> &'static str {
        let clean = clean(value, LONGEST_LABEL);
        if clean == OTHER {
            return OTHER;
        }
        // Two threads with the same new value may count it twice against the limit.
        let may_add = || {
            let next = |distinct| (distinct < LIMIT).then_some(distinct + 1);
            self.distinct.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
        };
        self.values.intern_if(&[&clean], may_add).unwrap_or_else(|| {
            self.overflows.fetch_add(1, Ordering::Relaxed);
            OTHER
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_values_become_other_and_are_counted() {
        let label = CappedLabel::new("region");
        for number in 0..LIMIT {
            assert_eq!(label.value(&number.to_string()), number.to_string());
        }
        assert_eq!(label.value("one more"), "other");
        assert_eq!(label.value("and another"), "other");
        assert_eq!(label.value("7"), "7");
        assert_eq!(label.overflows.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn other_itself_is_no_overflow() {
        let label = CappedLabel::new("region");
        assert_eq!(label.value("other"), "other");
        assert_eq!(label.overflows.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn each_label_has_its_own_values() {
        for number in 0..=LIMIT {
            capped("capped_test_full", &number.to_string());
        }
        assert_eq!(capped("capped_test_full", "eu"), "other");
        assert_eq!(capped("capped_test_free", "eu"), "eu");
        let overflows: Vec<_> =
            capped_overflows().into_iter().filter(|(label, _)| label.starts_with("capped_test")).collect();
        assert_eq!(overflows, [("capped_test_full", 2)]);
    }

    #[test]
    fn values_are_truncated_and_have_no_control_characters() {
        let label = CappedLabel::new("region");
        assert_eq!(label.value("a\nb"), "a b");
        assert_eq!(label.value(&"x".repeat(LONGEST_LABEL + 1)), "x".repeat(LONGEST_LABEL));
    }
}
