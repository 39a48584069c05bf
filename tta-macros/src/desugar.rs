//! Desugars an `async fn` into a function that returns `impl Future`, where both mean the same.
//!
//! The body is then the only future, and the future that observes it wraps it directly. Otherwise the observing future
//! sits between the outer future of the `async fn` and the inner one of the body. Type-checking takes half as long, and
//! no parameter is stored twice.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, ReturnType, Signature, Type};

use crate::impl_trait::contains_impl_trait;
use crate::peel::peel;

/// Attributes that mean the same on an `async fn` and on a function that returns a future.
///
/// `must_use` is not listed: on an `async fn` it also applies to the awaited output.
const INERT: &[&str] =
    &["allow", "cfg", "cold", "deny", "deprecated", "doc", "expect", "forbid", "inline", "no_mangle", "warn"];

/// Tools whose attributes change no code.
const TOOLS: &[&str] = &["clippy", "diagnostic", "rustfmt"];

/// Returns whether no attribute can be a macro: a macro such as `#[async_trait]` would look for `async`.
pub(crate) fn are_inert<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> bool {
    attributes.into_iter().all(|attribute| {
        let path = attribute.path();
        match path.get_ident() {
            Some(name) => INERT.iter().any(|inert| name == inert),
            None => path.segments.first().is_some_and(|tool| TOOLS.iter().any(|name| tool.ident == name)),
        }
    })
}

/// Desugars the signature if the meaning stays the same, and returns whether it did.
pub(crate) fn desugar(signature: &mut Signature, attributes: &[Attribute]) -> bool {
    let output = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, written) => Some(&**written),
    };
    // A nested `impl Trait` would capture other lifetimes, and `Future<Output = !>` is not stable.
    let keeps_meaning =
        output.is_none_or(|written| !contains_impl_trait(written) && !matches!(peel(written), Type::Never(_)));
    if !keeps_meaning || !are_inert(attributes) {
        return false;
    }
    let written = output.map_or_else(|| quote!(()), ToTokens::to_token_stream);
    let at = output.map_or_else(|| signature.ident.span(), Spanned::span).resolved_at(Span::mixed_site());
    // These tokens have the edition of this crate, 2024, in which `impl Trait` captures what an `async fn` captures.
    let future: TokenStream = quote_spanned!(at=> impl ::core::future::Future<Output = #written>);
    signature.asyncness = None;
    signature.output = ReturnType::Type(syn::Token![->](at), Box::new(Type::Verbatim(future)));
    true
}

/// Returns an empty `where` at the span of the output, if the signature has no bounds.
///
/// Lints underline a function's header up to its last token, which has to be one that the author wrote.
pub(crate) fn header_end(signature: &Signature) -> Option<TokenStream> {
    let has_bounds = signature.generics.where_clause.as_ref().is_some_and(|clause| !clause.predicates.is_empty());
    let at = signature.output.span().resolved_at(signature.fn_token.span);
    (!has_bounds).then(|| quote_spanned!(at=> where))
}
