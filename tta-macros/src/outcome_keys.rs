//! Rules for the keys about the outcome: which exclude each other, and which have an effect on a function.

use syn::{ReturnType, Signature, Type};

use crate::errors::Errors;
use crate::keys::Keys;
use crate::peel::peel;
use crate::returns::Returns;
use crate::vocabulary::Role;

/// Rejects keys about the outcome that do not belong together, or that have no effect on what the function returns.
pub(crate) fn check(
    keys: &Keys<'_>,
    role: Option<Role>,
    signature: &Signature,
    returns: &Returns,
    errors: &mut Errors,
) {
    if keys.get("outcome").is_some() {
        for other in ["ok_if", "timeout_if"] {
            if let Some(entry) = keys.get(other) {
                errors.at(
                    &entry.key,
                    format!("`outcome` decides every outcome, so that `{other}` has no effect; remove one"),
                );
            }
        }
    }
    if let Some(entry) = keys.get("outcome")
        && matches!(&signature.output, ReturnType::Type(_, written) if matches!(peel(written), Type::Never(_)))
    {
        errors.at(&entry.key, "this function never returns, so that `outcome` has no effect; remove it");
    }
    if let Some(entry) = keys.get("content")
        && role == Some(Role::Model)
        && !returns.may_stream()
    {
        let message = "`content` is about the items of a stream, and this function returns none; remove it";
        errors.at(&entry.key, message);
    }
}

/// The keys that `outcome` excludes, and the reverse: a method's own key replaces those of its `impl` block.
pub(crate) fn excludes(own: &str, inherited: &str) -> bool {
    let decides_in_part = |key: &str| key == "ok_if" || key == "timeout_if";
    (own == "outcome" && decides_in_part(inherited)) || (inherited == "outcome" && decides_in_part(own))
}
