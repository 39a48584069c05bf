//! The keys `type` and `action`, read together, since each type has its own actions.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Expr;

use crate::args::{Entry, Value};
use crate::case::is_snake_case;
use crate::errors::Errors;
use crate::literal;
use crate::suggest::{did_you_mean_or, one_of};
use crate::vocabulary::{Role, TYPES, Type, find_type};

/// The type and the action of a function.
pub(crate) struct TypeAndAction {
    pub(crate) role: Role,
    pub(crate) type_name: String,
    pub(crate) action: String,
    /// The tokens of the type, for errors.
    pub(crate) written: TokenStream,
}

/// The value of one of the two keys, as written.
enum Written {
    Absent,
    /// Already reported.
    Invalid,
    /// `"llm"`
    Literal(String, TokenStream),
    /// `custom("simulation")`
    Custom(String, TokenStream),
}

/// Reads the type and the action, and checks that they fit.
pub(crate) fn read(type_: Option<&Entry>, action: Option<&Entry>, errors: &mut Errors) -> Option<TypeAndAction> {
    let type_ = value(type_, "type", errors);
    let action = value(action, "action", errors);
    match type_ {
        Written::Absent | Written::Invalid => None,
        Written::Custom(name, written) => with_custom_type(name, written, action, errors),
        Written::Literal(name, written) => {
            let Some(known) = find_type(&name) else {
                let known: Vec<&str> = TYPES.iter().map(|known| known.name).collect();
                let instead = format!("write `custom(\"{name}\")`, or {}", one_of(&known));
                errors.at(written, format!("unknown type `{name}`{}", did_you_mean_or(&name, &known, &instead)));
                return None;
            };
            with_known_type(known, written, action, errors)
        }
    }
}

fn with_known_type(known: &Type, written: TokenStream, action: Written, errors: &mut Errors) -> Option<TypeAndAction> {
    let action = match (action, known.actions) {
        (Written::Invalid, _) => return None,
        (Written::Custom(action, _), _) => action,
        (Written::Literal(action, _), actions) if actions.contains(&action.as_str()) => action,
        (Written::Literal(action, written), actions) => {
            let hint = did_you_mean_or(&action, actions, &format!("write {}", one_of(actions)));
            errors.at(written, format!("`{}` has no action `{action}`{hint}", known.name));
            return None;
        }
        (Written::Absent, [only]) => (*only).to_owned(),
        (Written::Absent, actions) => {
            let first = actions.first()?;
            let choice = one_of(actions);
            errors.at(written, format!("`{}` needs an action: {choice}; add `action = \"{first}\"`", known.name));
            return None;
        }
    };
    Some(TypeAndAction { role: known.role, type_name: known.name.to_owned(), action, written })
}

fn with_custom_type(
    type_name: String,
    written: TokenStream,
    action: Written,
    errors: &mut Errors,
) -> Option<TypeAndAction> {
    match action {
        Written::Custom(action, _) => Some(TypeAndAction { role: Role::Other, type_name, action, written }),
        Written::Literal(action, written) => {
            errors.at(written, format!("a custom type has no predefined actions; write `custom(\"{action}\")`"));
            None
        }
        Written::Absent => {
            errors.at(written, "a custom type needs an action; add `action = custom(\"run\")`");
            None
        }
        Written::Invalid => None,
    }
}

fn value(entry: Option<&Entry>, key: &str, errors: &mut Errors) -> Written {
    entry.map_or(Written::Absent, |entry| parse_value(entry, key, errors).unwrap_or(Written::Invalid))
}

fn parse_value(entry: &Entry, key: &str, errors: &mut Errors) -> Option<Written> {
    let example = if key == "type" { "llm" } else { "generate" };
    let Value::Expr(value) = &entry.value else {
        errors.at(entry, format!("write `{key} = \"{example}\"`"));
        return None;
    };
    if let Some(text) = literal::string(value) {
        return Some(Written::Literal(text.value(), text.into_token_stream()));
    }
    let text = match &**value {
        Expr::Call(call) if matches!(&*call.func, Expr::Path(path) if path.path.is_ident("custom")) => {
            call.args.first().filter(|_| call.args.len() == 1).and_then(literal::string)
        }
        Expr::Path(path) if path.path.get_ident().is_some() => {
            errors.at(value, format!("`{key}` must be a string; write `{key} = \"{}\"`", quote!(#path)));
            return None;
        }
        _ => None,
    };
    let Some(text) = text else {
        errors.at(value, format!("write `{key} = \"{example}\"`, or a custom word as `custom(\"word\")`"));
        return None;
    };
    let word = text.value();
    if !is_snake_case(&word) {
        let message = "a custom word consists of lower-case letters, digits and underscores, and starts with a letter";
        errors.at(&text, message);
        return None;
    }
    if key == "type" && find_type(&word).is_some() {
        errors.at(value, format!("`{word}` is a predefined type; write `type = \"{word}\"`"));
        return None;
    }
    Some(Written::Custom(word, value.to_token_stream()))
}
