//! Tells which names in a type may be those of generic parameters.

use proc_macro2::Ident;
use syn::Signature;

use crate::target::Target;

/// Returns whether a word may name a generic parameter of the function or of the `impl` block around it.
pub(crate) fn is_generic(word: &Ident, signature: &Signature, target: &Target<'_>) -> bool {
    is_parameter_of(word, signature, target) || (matches!(target, Target::Function) && looks_generic(word))
}

/// Returns whether a word names a generic parameter of the function or of the visible `impl` block around it.
pub(crate) fn is_parameter_of(word: &Ident, signature: &Signature, target: &Target<'_>) -> bool {
    signature.generics.type_params().any(|parameter| parameter.ident == *word)
        || signature.generics.const_params().any(|parameter| parameter.ident == *word)
        || matches!(target, Target::MethodOf { generics, .. } if generics.contains(word))
}

/// Returns whether a name follows the convention for type parameters: `T`, `K2` or `IN`.
pub(crate) fn looks_generic(word: &Ident) -> bool {
    word.to_string().chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
}
