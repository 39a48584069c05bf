//! What a call is, in the words of the vocabulary: its type and its action.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Expr;

use crate::args::{Entry, Value};
use crate::errors::Errors;
use crate::keys::literal;
use crate::nearest::{hint_or, one_of};
use crate::vocabulary::{Role, TYPES, Type, find_type};

/// The type and the action, as meant.
pub(crate) struct Subject {
    pub(crate) role: Role,
    pub(crate) type_name: String,
    pub(crate) action: String,
    /// The tokens that say the type.
    pub(crate) written: TokenStream,
}

/// A word as written.
enum Word {
    Absent,
    /// Reported already.
    Unreadable,
    Known(String, TokenStream),
    Custom(String, TokenStream),
}

/// Reads the type and the action together, since each type has its own actions.
pub(crate) fn subject(type_: Option<&Entry>, action: Option<&Entry>, errors: &mut Errors) -> Option<Subject> {
    let type_ = read(type_, "type", errors);
    let action = read(action, "action", errors);
    match type_ {
        Word::Absent | Word::Unreadable => None,
        Word::Custom(name, written) => custom(name, written, action, errors),
        Word::Known(name, written) => {
            let Some(known) = find_type(&name) else {
                let known: Vec<&str> = TYPES.iter().map(|known| known.name).collect();
                let instead = format!("write `custom(\"{name}\")`, or {}", one_of(&known));
                errors.at(written, format!("unknown type `{name}`{}", hint_or(&name, &known, &instead)));
                return None;
            };
            known_type(known, written, action, errors)
        }
    }
}

fn known_type(known: &Type, written: TokenStream, action: Word, errors: &mut Errors) -> Option<Subject> {
    let action = match (action, known.actions) {
        (Word::Unreadable, _) => return None,
        (Word::Custom(action, _), _) => action,
        (Word::Known(action, _), actions) if actions.contains(&action.as_str()) => action,
        (Word::Known(action, written), actions) => {
            let hint = hint_or(&action, actions, &format!("write {}", one_of(actions)));
            errors.at(written, format!("`{}` has no action `{action}`{hint}", known.name));
            return None;
        }
        (Word::Absent, [only]) => (*only).to_owned(),
        (Word::Absent, actions) => {
            let first = actions.first()?;
            let choice = one_of(actions);
            errors.at(written, format!("`{}` needs an action: {choice}; add `action = \"{first}\"`", known.name));
            return None;
        }
    };
    Some(Subject { role: known.role, type_name: known.name.to_owned(), action, written })
}

fn custom(type_name: String, written: TokenStream, action: Word, errors: &mut Errors) -> Option<Subject> {
    match action {
        Word::Custom(action, _) => Some(Subject { role: Role::Other, type_name, action, written }),
        Word::Known(action, written) => {
            errors.at(written, format!("a custom type has no actions of its own; write `custom(\"{action}\")`"));
            None
        }
        Word::Absent => {
            errors.at(written, "a custom type needs an action; add `action = custom(\"run\")`");
            None
        }
        Word::Unreadable => None,
    }
}

fn read(entry: Option<&Entry>, key: &str, errors: &mut Errors) -> Word {
    entry.map_or(Word::Absent, |entry| word(entry, key, errors).unwrap_or(Word::Unreadable))
}

fn word(entry: &Entry, key: &str, errors: &mut Errors) -> Option<Word> {
    let example = if key == "type" { "llm" } else { "generate" };
    let Value::Expr(value) = &entry.value else {
        errors.at(entry, format!("write `{key} = \"{example}\"`"));
        return None;
    };
    if let Some(text) = literal(value) {
        return Some(Word::Known(text.value(), text.into_token_stream()));
    }
    let text = match &**value {
        Expr::Call(call) if matches!(&*call.func, Expr::Path(path) if path.path.is_ident("custom")) => {
            call.args.first().filter(|_| call.args.len() == 1).and_then(literal)
        }
        Expr::Path(path) if path.path.get_ident().is_some() => {
            errors.at(value, format!("write it as text: `{key} = \"{}\"`", quote!(#path)));
            return None;
        }
        _ => None,
    };
    let Some(text) = text else {
        errors.at(value, format!("write `{key} = \"{example}\"`, or a word of your own as `custom(\"word\")`"));
        return None;
    };
    let word = text.value();
    if !is_word(&word) {
        let message = "a custom word has lower-case letters, digits and underscores, and starts with a letter";
        errors.at(&text, message);
        return None;
    }
    if key == "type" && find_type(&word).is_some() {
        errors.at(value, format!("`{word}` is a known type; write `type = \"{word}\"`"));
        return None;
    }
    Some(Word::Custom(word, value.to_token_stream()))
}

/// Returns whether a text is `[a-z][a-z0-9_]*`.
pub(crate) fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}
