//! Looks through what surrounds a type without changing it.

use syn::Type;

/// Removes parentheses and the invisible groups of `macro_rules`.
pub(crate) fn peel(written: &Type) -> &Type {
    match written {
        Type::Paren(inner) => peel(&inner.elem),
        Type::Group(inner) => peel(&inner.elem),
        written => written,
    }
}
