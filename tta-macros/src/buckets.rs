//! The key `buckets`: a named set, or bounds in seconds.

use crate::args::{Entry, Item, Value};
use crate::errors::Errors;
use crate::literal;
use crate::suggest::{did_you_mean_or, one_of};
use crate::vocabulary::{BUCKET_SETS, MAX_BUCKETS};

/// The buckets of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Buckets {
    /// The name of a constant in the runtime.
    Named(&'static str),
    /// The upper bounds.
    Seconds(Vec<f64>),
}

/// Returns the named set.
pub(crate) fn named(name: &str) -> Option<Buckets> {
    BUCKET_SETS.iter().find(|(known, _)| *known == name).map(|(_, constant)| Buckets::Named(constant))
}

/// Reads `buckets = "…"` or `buckets(…)`.
pub(crate) fn read(entry: &Entry, errors: &mut Errors) -> Option<Buckets> {
    match &entry.value {
        Value::List(items, tokens) => {
            let bounds = bounds(items, errors)?;
            if bounds.is_empty() {
                errors.at(tokens, "`buckets` is empty; write seconds, such as `buckets(0.1, 0.5, 2)`");
            }
            if bounds.len() > MAX_BUCKETS {
                errors.at(tokens, format!("{} buckets are too many; write at most {MAX_BUCKETS}", bounds.len()));
            }
            Some(Buckets::Seconds(bounds))
        }
        Value::Expr(value) => {
            let Some(name) = literal::string(value) else {
                errors.at(
                    value,
                    "write a bucket set, such as `buckets = \"fast\"`, or seconds, such as `buckets(0.1, 0.5, 2)`",
                );
                return None;
            };
            let set = named(&name.value());
            if set.is_none() {
                let names: Vec<&str> = BUCKET_SETS.iter().map(|(name, _)| *name).collect();
                let hint = did_you_mean_or(&name.value(), &names, &format!("write {}", one_of(&names)));
                errors.at(&name, format!("unknown bucket set `{}`{hint}", name.value()));
            }
            set
        }
        Value::Absent => {
            errors.at(entry, "write `buckets = \"fast\"` or `buckets(0.1, 0.5, 2)`");
            None
        }
    }
}

fn bounds(items: &[Item], errors: &mut Errors) -> Option<Vec<f64>> {
    let mut bounds: Vec<f64> = Vec::new();
    let mut valid = true;
    for item in items {
        let (written, bound) = match item {
            Item::Single(value) => (value, literal::number(value)),
            Item::Pair(_, value) => (value, None),
        };
        let wrong = match bound {
            None => Some("a bucket must be a number of seconds, such as `0.5`"),
            Some(bound) if bound <= 0.0 => Some("a bucket must be above 0 seconds; write a number such as `0.5`"),
            Some(bound) if bounds.last().is_some_and(|last| bound <= *last) => {
                Some("buckets must increase; write a bucket above the one before it")
            }
            Some(_) => None,
        };
        if let Some(wrong) = wrong {
            errors.at(written, wrong);
            valid = false;
        }
        bounds.extend(bound);
    }
    valid.then_some(bounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Buckets, Vec<String>> {
        let mut errors = Errors::default();
        let entries = crate::args::parse(text.parse().expect("balanced"), &mut errors);
        match read(&entries[0], &mut errors) {
            Some(buckets) if errors.is_empty() => Ok(buckets),
            _ => Err(errors.messages()),
        }
    }

    #[test]
    fn buckets_are_a_named_set_or_bounds() {
        assert_eq!(check("buckets = \"fast\""), Ok(Buckets::Named("FAST")));
        assert_eq!(check("buckets(0.5, 1, 2.5)"), Ok(Buckets::Seconds(vec![0.5, 1.0, 2.5])));
    }

    #[test]
    fn bounds_are_positive_and_increase() {
        let expected = [
            "a bucket must be above 0 seconds; write a number such as `0.5`",
            "buckets must increase; write a bucket above the one before it",
            "a bucket must be a number of seconds, such as `0.5`",
        ];
        assert_eq!(check("buckets(0, 1, 1, \"2\")"), Err(expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_histogram_has_at_most_forty_buckets() {
        let list = |count: u32| (1..=count).map(|bound| bound.to_string()).collect::<Vec<_>>().join(", ");
        assert!(check(&format!("buckets({})", list(40))).is_ok());
        let expected = vec!["41 buckets are too many; write at most 40".to_owned()];
        assert_eq!(check(&format!("buckets({})", list(41))), Err(expected));
    }
}
