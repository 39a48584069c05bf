//! What a call brings of its own: labels, which are few and bounded, and span attributes, which are neither.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, ExprReference, LitStr, Token};

use crate::args::{Entry, Item, Name, Value};
use crate::errors::Errors;
use crate::parameters::Parameter;
use crate::text::{self, Text};
use crate::vocabulary::{RESERVED_LABELS, UNBOUNDED_LABELS};
use crate::words::is_word;

/// A metric label.
pub(crate) struct Label {
    pub(crate) name: LitStr,
    pub(crate) value: Text,
}

/// A span attribute.
pub(crate) struct Attribute {
    pub(crate) name: LitStr,
    pub(crate) value: TokenStream,
}

/// Each label at least doubles the number of series, so that more of them could not be recorded anyway.
const MOST_LABELS: usize = 8;

/// Reads `labels(…)`.
pub(crate) fn labels(entry: &Entry, parameters: &[Parameter], errors: &mut Errors) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in pairs(entry, "labels(audience = audience)", errors) {
        let text = name.value();
        let usable = check_name(name, &text, &seen, errors);
        seen.push(text.clone());
        // The value is read even where the name is wrong, so that its mistakes are reported in the same build.
        let value = text::read(value, parameters, errors);
        if usable && let Some(value) = value {
            labels.push(Label { name: LitStr::new(&text, span(name)), value });
        }
    }
    if let Some(ninth) = labels.get(MOST_LABELS) {
        let count = labels.len();
        errors.at(
            &ninth.name,
            format!("{count} labels are too many; write at most {MOST_LABELS}, and the rest as `attributes(…)`"),
        );
    }
    labels
}

fn check_name(name: &Name, text: &str, seen: &[String], errors: &mut Errors) -> bool {
    let wrong = if text.starts_with("__") || RESERVED_LABELS.contains(&text) {
        format!("the label `{text}` is reserved; choose another name, such as `own_{}`", text.trim_start_matches('_'))
    } else if UNBOUNDED_LABELS.contains(&text) {
        format!(
            "`{text}` has a new value for almost every call, and each would be a series for ever; write `attributes(\"{text}\" = …)`"
        )
    } else if !is_word(text) {
        let message = "a label's name has lower-case letters, digits and underscores, and starts with a letter";
        match snake_case(text) {
            Some(instead) => format!("{message}; write `{instead}`"),
            None => message.to_owned(),
        }
    } else if seen.iter().any(|other| other == text) {
        format!("the label `{text}` is given twice")
    } else {
        return true;
    };
    errors.at(name, wrong);
    false
}

fn snake_case(text: &str) -> Option<String> {
    let mut snake = String::new();
    for letter in text.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(if letter == '-' || letter == '.' { '_' } else { letter.to_ascii_lowercase() });
    }
    is_word(&snake).then_some(snake)
}

/// Reads `attributes(…)`.
pub(crate) fn attributes(entry: &Entry, errors: &mut Errors) -> Vec<Attribute> {
    let mut attributes: Vec<Attribute> = Vec::new();
    for (name, value) in pairs(entry, "attributes(\"document.pages\" = pages)", errors) {
        let text = name.value();
        let wrong = match name {
            Name::Ident(_) => Some(format!("an attribute's name is text; write `\"{text}\" = …`")),
            Name::Text(_) if text.is_empty() || text.contains(|letter: char| letter.is_control() || letter == ' ') => {
                Some("an attribute's name has at least one character, no spaces and no control characters".to_owned())
            }
            Name::Text(_) if attributes.iter().any(|other| other.name.value() == text) => {
                Some(format!("the attribute `{text}` is given twice"))
            }
            Name::Text(_) => None,
        };
        match (name, wrong) {
            (Name::Text(name), None) => {
                attributes.push(Attribute { name: name.clone(), value: lent(value) });
            }
            (_, wrong) => errors.at(name, wrong.unwrap_or_default()),
        }
    }
    attributes
}

/// Returns a reference to the value: the body may still need to own it.
fn lent(value: &Expr) -> TokenStream {
    // The printer adds the parentheses that the value needs behind the `&`.
    let (and_token, expr) = (Token![&](value.span()), Box::new(value.clone()));
    ExprReference { attrs: Vec::new(), and_token, mutability: None, expr }.into_token_stream()
}

fn pairs<'a>(entry: &'a Entry, form: &str, errors: &mut Errors) -> Vec<(&'a Name, &'a Expr)> {
    let Value::List(items, tokens) = &entry.value else {
        errors.at(entry, format!("write `{form}`"));
        return Vec::new();
    };
    if items.is_empty() && errors.is_empty() {
        errors.at(tokens, format!("nothing is given; write `{form}`"));
    }
    let mut pairs = Vec::new();
    for item in items {
        match item {
            Item::Pair(name, value) => pairs.push((name, &**value)),
            Item::Single(value) => errors.at(value, format!("a name and a value belong here; write `{form}`")),
        }
    }
    pairs
}

fn span(name: &Name) -> proc_macro2::Span {
    match name {
        Name::Ident(name) => name.span(),
        Name::Text(name) => name.span(),
    }
}
