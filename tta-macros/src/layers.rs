//! Whether an `async fn` can be written as the function that it is short for.
//!
//! Its body then is the only future: the observing one stands around it, and not between an outer body and an inner
//! one. To check that takes the compiler half of the time, and no parameter is stored twice.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, ReturnType, Signature, Type};

use crate::opaque::is_opaque;
use crate::returns::peel;

/// Attributes that mean the same on an `async fn` and on a function that returns a future.
///
/// `must_use` is none of them: on an `async fn` it is also about what the future gives.
const INERT: &[&str] =
    &["allow", "cfg", "cold", "deny", "deprecated", "doc", "expect", "forbid", "inline", "no_mangle", "warn"];

/// Tools whose attributes change no code.
const TOOLS: &[&str] = &["clippy", "diagnostic", "rustfmt"];

/// Returns whether none of the attributes can be a macro, which would look for `async`.
pub(crate) fn are_inert<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> bool {
    attributes.into_iter().all(|attribute| {
        let path = attribute.path();
        match path.get_ident() {
            Some(name) => INERT.iter().any(|inert| name == inert),
            None => path.segments.first().is_some_and(|tool| TOOLS.iter().any(|name| tool.ident == name)),
        }
    })
}

/// Rewrites an `async fn` as a function that returns a future, and returns whether both have the same meaning.
pub(crate) fn is_rewritten(signature: &mut Signature, attributes: &[Attribute]) -> bool {
    let output = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, written) => Some(&**written),
    };
    // An `impl Trait` captures by the rules of where it stands, and `!` is no argument of a trait yet.
    let fits = output.is_none_or(|written| !is_opaque(written) && !matches!(peel(written), Type::Never(_)));
    if !fits || !are_inert(attributes) {
        return false;
    }
    let written = output.map_or_else(|| quote!(()), ToTokens::to_token_stream);
    let at = output.map_or_else(|| signature.ident.span(), Spanned::span).resolved_at(Span::mixed_site());
    // The edition of these tokens is the macro's, in which `impl Trait` captures what an `async fn` does.
    let future: TokenStream = quote_spanned!(at=> impl ::core::future::Future<Output = #written>);
    signature.asyncness = None;
    signature.output = ReturnType::Type(syn::Token![->](at), Box::new(Type::Verbatim(future)));
    true
}

/// Returns an empty `where` in the place of the output, for a signature that has none.
pub(crate) fn head_end(signature: &Signature) -> Option<TokenStream> {
    let has_bounds = signature.generics.where_clause.as_ref().is_some_and(|clause| !clause.predicates.is_empty());
    let at = signature.output.span().resolved_at(signature.fn_token.span);
    (!has_bounds).then(|| quote_spanned!(at=> where))
}
