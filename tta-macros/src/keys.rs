//! The entries of one attribute by key: every key is known, and given once.

use syn::Expr;

use crate::args::{Entry, Value};
use crate::errors::Errors;
use crate::suggest::{did_you_mean_or, nearest, one_of};
use crate::vocabulary::{KEYS, Place, find_key};

/// The valid entries.
pub(crate) struct Keys<'a> {
    pub(crate) entries: Vec<&'a Entry>,
}

impl<'a> Keys<'a> {
    /// Keeps the valid entries, and reports the others.
    pub(crate) fn new(entries: &'a [Entry], errors: &mut Errors) -> Self {
        let mut kept: Vec<&Entry> = Vec::new();
        for entry in entries {
            let name = entry.name();
            match find_key(&name) {
                None => {
                    let known: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
                    let hint = did_you_mean_or(&name, &known, &format!("the keys are {}", one_of(&known)));
                    errors.at(&entry.key, format!("unknown key `{name}`{hint}"));
                }
                Some(key) if key.place == Place::Method => {
                    errors.at(&entry.key, "`skip` is allowed only on a method of an annotated `impl` block; remove it");
                }
                Some(_) if kept.iter().any(|other| other.name() == name) => {
                    errors.at(&entry.key, format!("`{name}` is given twice; remove one"));
                }
                Some(_) => kept.push(entry),
            }
        }
        Keys { entries: kept }
    }

    /// Returns the entry of a key.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Entry> {
        self.entries.iter().copied().find(|entry| entry.name() == name)
    }

    /// Returns the value of a key that is written `key = value`. Reports any other form.
    pub(crate) fn expression(&self, name: &str, errors: &mut Errors) -> Option<&'a Expr> {
        let entry = self.get(name)?;
        if let Value::Expr(value) = &entry.value {
            return Some(value);
        }
        errors.at(entry, format!("write `{}`", form(name)));
        None
    }
}

/// Returns an example of a key and its value.
pub(crate) fn form(name: &str) -> &'static str {
    find_key(name).map_or("", |key| key.form)
}

/// Returns whether a key may stand in the place of `type`: a misspelt one, or a misplaced `skip`.
pub(crate) fn may_replace_type(name: &str) -> bool {
    name == "skip" || (name != "type" && nearest(name, KEYS.iter().map(|key| key.name)) == Some("type"))
}

/// Rejects the keys that cannot stand on an `impl` block.
pub(crate) fn check_block(entries: &[Entry], errors: &mut Errors) {
    for entry in entries {
        let name = entry.name();
        if find_key(&name).is_some_and(|key| key.place == Place::OneFunction) {
            errors.at(
                &entry.key,
                format!("`{name}` on an `impl` block would apply to every method; write it on one method"),
            );
        }
    }
}
