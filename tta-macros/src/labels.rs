//! The key `labels`: metric labels, whose values are bounded.

use syn::LitStr;

use crate::args::{Entry, Name};
use crate::bounded_text::{self, BoundedText};
use crate::case::{is_snake_case, to_snake_case};
use crate::errors::Errors;
use crate::pairs;
use crate::parameters::Parameter;
use crate::vocabulary::{MAX_LABELS, RESERVED_LABELS, UNBOUNDED_LABELS};

/// A metric label.
pub(crate) struct Label {
    pub(crate) name: LitStr,
    pub(crate) value: BoundedText,
}

/// Reads `labels(…)`.
pub(crate) fn read(entry: &Entry, parameters: &[Parameter], errors: &mut Errors) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in pairs::read(entry, errors) {
        let text = name.value();
        let usable = check_name(name, &text, &seen, errors);
        seen.push(text.clone());
        // The value is read even if the name is wrong, so that one build reports the errors of both.
        let value = bounded_text::read(value, parameters, errors);
        let usable = usable && check_bounds(name, &text, value.as_ref(), errors);
        if usable && let Some(value) = value {
            labels.push(Label { name: LitStr::new(&text, name.span()), value });
        }
    }
    let mut tops = labels.iter().filter(|label| matches!(label.value, BoundedText::Top(..)));
    if let (Some(first), Some(second)) = (tops.next(), tops.next()) {
        let message = format!("one label of a function may be `top(…)`, and `{}` is one already", first.name.value());
        errors.at(&second.name, message);
    }
    if let Some(first_excess) = labels.get(MAX_LABELS) {
        let count = labels.len();
        errors.at(
            &first_excess.name,
            format!("{count} labels are too many; write at most {MAX_LABELS}, and the rest as `attributes(…)`"),
        );
    }
    labels
}

fn check_name(name: &Name, text: &str, seen: &[String], errors: &mut Errors) -> bool {
    let wrong = if text.starts_with("__") || RESERVED_LABELS.contains(&text) {
        format!("the label `{text}` is reserved; choose another name, such as `own_{}`", text.trim_start_matches('_'))
    } else if !is_snake_case(text) {
        let message = "a label name consists of lower-case letters, digits and underscores, and starts with a letter";
        match to_snake_case(text) {
            Some(instead) => format!("{message}; write `{instead}`"),
            None => message.to_owned(),
        }
    } else if seen.iter().any(|other| other == text) {
        format!("the label `{text}` is given twice; remove one")
    } else {
        return true;
    };
    errors.at(name, wrong);
    false
}

/// Rejects a value whose name says that it is unbounded, unless its type or its form says that it is not.
fn check_bounds(name: &Name, text: &str, value: Option<&BoundedText>, errors: &mut Errors) -> bool {
    let is_known = match value {
        Some(BoundedText::Literal(_) | BoundedText::Top(..)) => true,
        // Whatever the parameter's name, only a type with a closed set of values compiles here.
        Some(BoundedText::Closed(_, of)) => of.is_some(),
        Some(BoundedText::Capped(_)) | None => false,
    };
    if is_known || !UNBOUNDED_LABELS.contains(&text) {
        return true;
    }
    errors.at(
        name,
        format!("`{text}` is unbounded, and each value would create a series; write `attributes(\"{text}\" = …)`"),
    );
    false
}
