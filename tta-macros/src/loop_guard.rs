//! The key `loop_guard`: a call that would repeat the latest calls of its run is stopped before it begins.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Expr, ExprPath, FnArg, Pat, PatIdent, ReturnType, Signature, Type};

use crate::args::{Entry, Item, Value};
use crate::errors::Errors;
use crate::keys::form;
use crate::literal;
use crate::peel::peel;
use crate::returns::{Opening, Returns, Shape};
use crate::suggest::{did_you_mean_or, one_of};

/// The guard of a function.
pub(crate) struct LoopGuard {
    /// The place of the key, where errors about the function's error type are shown.
    pub(crate) at: Span,
    pub(crate) compared: Compared,
    pub(crate) repeats: u32,
    pub(crate) period: u32,
    pub(crate) steps: Option<u32>,
    pub(crate) cost_nano_usd: Option<u64>,
    pub(crate) counts_only: bool,
}

/// The parts of a call that make it the same as an earlier one.
pub(crate) enum Compared {
    /// The values of these expressions.
    Values(Vec<Expr>),
    /// Nothing: a call of a polled function repeats no other.
    Nothing,
}

/// The settings with a value, then those without.
const SETTINGS: [&str; 7] = ["repeats", "period", "steps", "cost_usd", "arguments", "polled", "count_only"];

/// The most repetitions, and the longest period that the runtime looks for.
const MOST_REPEATS: u32 = 1_000;
const LONGEST_PERIOD: u32 = 16;

/// Reads `loop_guard`, `loop_guard(…)` or `loop_guard = off`, which is no guard.
pub(crate) fn read(entry: &Entry, signature: &Signature, returns: &Returns, errors: &mut Errors) -> Option<LoopGuard> {
    let items = match &entry.value {
        Value::Absent => &Vec::new(),
        Value::List(items, _) => items,
        Value::Expr(value) => {
            if !is_word(value, "off") {
                errors.at(entry, format!("write `{}`, or `loop_guard = off`", form("loop_guard")));
            }
            return None;
        }
    };
    if !can_return_error(signature, returns) {
        let message =
            "`loop_guard` stops a call by an error: write it on a `fn` or an `async fn` that returns a `Result`";
        errors.at(&entry.key, message);
        return None;
    }
    let given = settings(items, errors);
    let [repeats, period, steps, cost_usd, arguments, polled, count_only] = given;
    let mut whole = |value: Option<&Expr>, most: u32, what: &str| whole(value?, most, what, errors);
    let repeats =
        whole(repeats, MOST_REPEATS, "`repeats` is the number of times that the same calls may be made in a row");
    let period = whole(period, LONGEST_PERIOD, "`period` is the longest number of calls that are repeated together");
    let steps = whole(steps, u32::MAX, "`steps` is the number of guarded calls in a run");
    let cost_nano_usd = cost_usd.and_then(|value| nano_usd(value, errors));
    let compared = match (arguments, polled) {
        (Some(arguments), Some(_)) => {
            errors.at(arguments, "the calls of a polled function are not compared; remove `arguments` or `polled`");
            Compared::Nothing
        }
        (None, Some(_)) => Compared::Nothing,
        (Some(arguments), None) => Compared::Values(parts(arguments)),
        (None, None) => Compared::Values(parameters(signature, errors)),
    };
    Some(LoopGuard {
        at: entry.key.span(),
        compared,
        repeats: repeats.unwrap_or(3),
        period: period.unwrap_or(3),
        steps,
        cost_nano_usd,
        counts_only: count_only.is_some(),
    })
}

/// Returns whether the body of the function can return an error before anything else, as far as the signature shows.
fn can_return_error(signature: &Signature, returns: &Returns) -> bool {
    let ReturnType::Type(_, written) = &signature.output else { return false };
    match returns.shape {
        Shape::Sync | Shape::Async | Shape::ByType => !matches!(peel(written), Type::Never(_)),
        Shape::Stream(opening, _) | Shape::AsyncStream(opening, _) => opening == Opening::Fallible,
        Shape::Future(_) | Shape::ByTrait => false,
    }
}

/// Returns the expression of each of [`SETTINGS`] that is given.
fn settings<'a>(items: &'a [Item], errors: &mut Errors) -> [Option<&'a Expr>; 7] {
    let mut given: [Option<&Expr>; 7] = [None; 7];
    for item in items {
        let (name, value): (&dyn ToTokens, &Expr) = match item {
            Item::Pair(name, value) => (name, value),
            Item::Single(value) => (value, value),
        };
        let text = match item {
            Item::Pair(name, _) => name.value(),
            Item::Single(value) => value.to_token_stream().to_string(),
        };
        let is_pair = matches!(item, Item::Pair(..));
        match SETTINGS.iter().position(|known| *known == text) {
            None => {
                let hint = did_you_mean_or(&text, &SETTINGS, &format!("write {}", one_of(&SETTINGS)));
                errors.at(name, format!("unknown setting `{text}` of `loop_guard`{hint}"));
            }
            Some(place) if given[place].is_some() => errors.at(name, format!("`{text}` is given twice; remove one")),
            Some(place) if is_pair != (place < 5) => {
                let instead = if is_pair { text.clone() } else { format!("{text} = …") };
                errors.at(name, format!("write `loop_guard({instead})`"));
            }
            Some(place) => given[place] = Some(value),
        }
    }
    given
}

/// Reads a whole number from 1.
fn whole(value: &Expr, most: u32, what: &str, errors: &mut Errors) -> Option<u32> {
    let number =
        literal::number(value).filter(|number| *number >= 1.0 && number.fract() == 0.0 && *number <= f64::from(most));
    if number.is_none() {
        errors.at(value, format!("{what}; write a whole number from 1 to {most}"));
    }
    // In the range, and without a fraction.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the filter above bounds it")]
    number.map(|number| number as u32)
}

fn nano_usd(value: &Expr, errors: &mut Errors) -> Option<u64> {
    let nanos = literal::number(value).map(|usd| (usd * 1e9).round()).filter(|nanos| *nanos > 0.0 && *nanos < 1.8e19);
    if nanos.is_none() {
        errors.at(value, "`cost_usd` is the cost of a run in US dollars; write a number above 0, such as `0.5`");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the filter above bounds it")]
    nanos.map(|nanos| nanos as u64)
}

fn is_word(value: &Expr, word: &str) -> bool {
    matches!(value, Expr::Path(path) if path.path.is_ident(word))
}

/// Returns the elements of a tuple, so that they are borrowed one by one, or the expression itself.
fn parts(value: &Expr) -> Vec<Expr> {
    match value {
        Expr::Tuple(tuple) => tuple.elems.iter().cloned().collect(),
        value => vec![value.clone()],
    }
}

/// Returns the parameters that the function can use, without `self`.
fn parameters(signature: &Signature, errors: &mut Errors) -> Vec<Expr> {
    let mut names = Vec::new();
    for input in &signature.inputs {
        let FnArg::Typed(input) = input else { continue };
        let is_conditional = input.attrs.iter().any(|attribute| attribute.path().is_ident("cfg"));
        match &*input.pat {
            Pat::Wild(_) => {}
            Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. }) if !is_conditional => {
                // A function that ignores a parameter does the same for each of its values.
                if !ident.to_string().starts_with('_') {
                    names.push(Expr::Path(ExprPath { attrs: Vec::new(), qself: None, path: ident.clone().into() }));
                }
            }
            pattern => errors.at(
                pattern,
                "name what decides what the call does, since this parameter has no plain name: `loop_guard(arguments = (city, days))`",
            ),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Target;

    fn check(key: &str, function: &str) -> (Option<LoopGuard>, Vec<String>) {
        let mut errors = Errors::default();
        let entries = crate::args::parse(key.parse().expect("balanced"), &mut errors);
        let signature: Signature = syn::parse_str(function).expect("a signature");
        let returns = crate::returns::read(&signature, &Target::Function, None);
        let guard = read(&entries[0], &signature, &returns, &mut errors);
        (guard, errors.messages())
    }

    #[test]
    fn every_wrong_setting_is_reported() {
        let key = "loop_guard(repeats = 0, period = 17, steps = 1.5, cost_usd = -1, polled = 3, arguments, cycle = 2, repeats = 2)";
        let expected = [
            "write `loop_guard(polled)`",
            "write `loop_guard(arguments = …)`",
            "unknown setting `cycle` of `loop_guard`; write `repeats`, `period`, `steps`, `cost_usd`, `arguments`, `polled` or `count_only`",
            "`repeats` is given twice; remove one",
            "`repeats` is the number of times that the same calls may be made in a row; write a whole number from 1 to 1000",
            "`period` is the longest number of calls that are repeated together; write a whole number from 1 to 16",
            "`steps` is the number of guarded calls in a run; write a whole number from 1 to 4294967295",
            "`cost_usd` is the cost of a run in US dollars; write a number above 0, such as `0.5`",
        ];
        assert_eq!(check(key, "fn f() -> Result<(), String>").1, expected);
        let both = check("loop_guard(polled, arguments = n)", "fn f(n: u8) -> Result<(), String>").1;
        assert_eq!(both, ["the calls of a polled function are not compared; remove `arguments` or `polled`"]);
        let word = check("loop_guard = on", "fn f() -> Result<(), String>").1;
        assert_eq!(word, ["write `loop_guard(repeats = 3, period = 3)`, or `loop_guard = off`"]);
        let pattern = check("loop_guard", "fn f((a, b): (u8, u8)) -> Result<(), String>").1;
        assert_eq!(pattern.len(), 1);
    }

    #[test]
    fn a_function_that_cannot_return_an_error_has_no_guard() {
        let message =
            "`loop_guard` stops a call by an error: write it on a `fn` or an `async fn` that returns a `Result`";
        for function in [
            "fn f()",
            "fn f() -> !",
            "fn f() -> impl Future<Output = Result<(), String>>",
            "fn f() -> impl Stream<Item = u8>",
        ] {
            assert_eq!(check("loop_guard", function).1, [message], "{function}");
        }
        let allowed = [
            "fn f() -> Answer",
            "async fn f() -> anyhow::Result<u8>",
            "fn f() -> Result<impl Stream<Item = u8>, String>",
        ];
        for function in allowed {
            assert_eq!(check("loop_guard", function).1, [""; 0], "{function}");
        }
        assert!(check("loop_guard = off", "fn f()").0.is_none());
        assert_eq!(check("loop_guard = off", "fn f()").1, [""; 0]);
    }
}
