//! The key `slo`: objectives for the share of calls that succeed, and for the share that is fast enough.

use syn::Expr;

use crate::args::{Entry, Item, Value};
use crate::errors::Errors;
use crate::keys::form;
use crate::literal;
use crate::suggest::{did_you_mean_or, one_of};

/// The objectives of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Slo {
    /// The percentage of calls that should succeed.
    pub(crate) availability: Option<f64>,
    pub(crate) latency: Option<Latency>,
}

/// The percentage of calls that should take at most the threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Latency {
    pub(crate) threshold_seconds: f64,
    pub(crate) percent: f64,
}

const NAMES: &[&str] = &["availability", "latency", "latency_target"];

/// Reads `slo(…)`.
pub(crate) fn read(entry: &Entry, errors: &mut Errors) -> Slo {
    let form = form("slo");
    let Value::List(items, tokens) = &entry.value else {
        errors.at(entry, format!("write `{form}`"));
        return Slo::default();
    };
    let mut given: [Option<&Expr>; 3] = [None; 3];
    for item in items {
        match item {
            Item::Single(value) => errors.at(value, format!("write `{form}`")),
            Item::Pair(name, value) => match NAMES.iter().position(|known| *known == name.value()) {
                None => {
                    let written = name.value();
                    let hint = did_you_mean_or(&written, NAMES, &format!("write {}", one_of(NAMES)));
                    errors.at(name, format!("unknown objective `{written}`{hint}"));
                }
                Some(index) if given[index].is_some() => {
                    errors.at(name, format!("`{}` is given twice; remove one", NAMES[index]));
                }
                Some(index) => given[index] = Some(value),
            },
        }
    }
    if items.is_empty() {
        errors.at(tokens, format!("`slo` is empty; write `{form}`"));
    }
    let [availability, latency, latency_target] = given;
    let threshold_seconds = latency.and_then(|value| duration(value, errors));
    let percents = [availability, latency_target].map(|value| value.and_then(|value| percent(value, errors)));
    match (latency, latency_target) {
        (Some(latency), None) => errors.at(latency, "`latency` needs a target; add `latency_target = 95`"),
        (None, Some(target)) => errors.at(target, "`latency_target` needs a duration; add `latency = \"800ms\"`"),
        _ => {}
    }
    let [availability, target] = percents;
    let latency = threshold_seconds.zip(target);
    Slo { availability, latency: latency.map(|(threshold_seconds, percent)| Latency { threshold_seconds, percent }) }
}

fn percent(value: &Expr, errors: &mut Errors) -> Option<f64> {
    let Some(number) = literal::number(value) else {
        errors.at(value, "a percentage must be a number, such as `99.9`");
        return None;
    };
    let in_range = number > 0.0 && number < 100.0;
    if !in_range {
        errors.at(value, "a percentage must be above 0 and below 100, such as `99.9`");
    }
    in_range.then_some(number)
}

fn duration(value: &Expr, errors: &mut Errors) -> Option<f64> {
    let instead = "write a whole number and a unit, such as `250ms`, `30s` or `2m`";
    let Some(text) = literal::string(value) else {
        errors.at(value, format!("a duration must be a string; {instead}"));
        return None;
    };
    let seconds = seconds(&text.value());
    if seconds.is_none() {
        errors.at(&text, format!("`{}` is not a duration; {instead}", text.value()));
    }
    seconds
}

fn seconds(text: &str) -> Option<f64> {
    let unit = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let number: u32 = text[..text.len() - unit.len()].parse().ok()?;
    let number = f64::from(number);
    let seconds = match unit {
        "us" => number / 1e6,
        "ms" => number / 1e3,
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => return None,
    };
    (seconds > 0.0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (Slo, Vec<String>) {
        let mut errors = Errors::default();
        let entries = crate::args::parse(text.parse().expect("balanced"), &mut errors);
        let slo = read(&entries[0], &mut errors);
        (slo, errors.messages())
    }

    #[test]
    fn objectives_are_percentages_and_seconds() {
        let (slo, errors) = check(r#"slo(availability = 99.9, latency = "800ms", latency_target = 95)"#);
        let latency = Latency { threshold_seconds: 0.8, percent: 95.0 };
        assert_eq!(slo, Slo { availability: Some(99.9), latency: Some(latency) });
        assert_eq!(errors, [""; 0]);
    }

    #[test]
    fn every_wrong_value_is_reported() {
        let text = r#"slo(availability = 100, latency = "800", latency_target = -5, latncy = 1, availability = 5)"#;
        let expected = [
            "unknown objective `latncy`; did you mean `latency`?",
            "`availability` is given twice; remove one",
            "`800` is not a duration; write a whole number and a unit, such as `250ms`, `30s` or `2m`",
            "a percentage must be above 0 and below 100, such as `99.9`",
        ];
        assert_eq!(check(text).1, expected);
    }

    #[test]
    fn a_latency_and_its_target_go_together() {
        assert_eq!(check(r#"slo(latency = "2m")"#).1, ["`latency` needs a target; add `latency_target = 95`"]);
        let needs = "`latency_target` needs a duration; add `latency = \"800ms\"`";
        assert_eq!(check("slo(latency_target = 95)").1, [needs]);
    }

    #[test]
    fn a_duration_is_a_whole_number_and_a_unit() {
        assert_eq!(seconds("250ms"), Some(0.25));
        assert_eq!(seconds("2h"), Some(7200.0));
        for text in ["", "s", "0s", "1.5s", "-1s", "1 s", "1d", "99999999999s"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
