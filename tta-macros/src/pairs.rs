//! Keys whose value is a list of pairs, such as `labels(audience = audience)`.

use syn::Expr;

use crate::args::{Entry, Item, Name, Value};
use crate::errors::Errors;
use crate::keys::form;

/// Returns the pairs of an entry. Reports an entry without pairs, and each item that is not a pair.
pub(crate) fn read<'a>(entry: &'a Entry, errors: &mut Errors) -> Vec<(&'a Name, &'a Expr)> {
    let key = entry.name();
    let form = form(&key);
    let Value::List(items, tokens) = &entry.value else {
        errors.at(entry, format!("write `{form}`"));
        return Vec::new();
    };
    if items.is_empty() && errors.is_empty() {
        errors.at(tokens, format!("`{key}` is empty; write `{form}`"));
    }
    let mut pairs = Vec::new();
    for item in items {
        match item {
            Item::Pair(name, value) => pairs.push((name, &**value)),
            Item::Single(value) => errors.at(value, format!("expected a name and a value; write `{form}`")),
        }
    }
    pairs
}
