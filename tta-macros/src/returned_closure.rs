//! The type that a function's return type expects of a closure which it returns.
//!
//! In `-> impl Fn(&str) -> &str { |s| s }`, the compiler takes the closure's signature from the return type. The body is no
//! longer the function's own block, so a function with the same bound stands around it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{PathArguments, Type, TypeParamBound};

use crate::generic_names::is_generic;
use crate::peel::peel;
use crate::target::Target;
use crate::tokens::each_token;

/// Returns an identity function with the bounds of a returned `impl Fn(…)`.
///
/// `None` for any other type, and if the bounds name a generic parameter or a lifetime of the code around: the function is
/// an item, which cannot use these.
pub(crate) fn identity(written: &Type, signature: &syn::Signature, target: &Target<'_>) -> Option<TokenStream> {
    let Type::ImplTrait(returned) = peel(written) else { return None };
    let is_closure = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| matches!(last.arguments, PathArguments::Parenthesized(_)))
        }
        _ => false,
    };
    if !returned.bounds.iter().any(is_closure) {
        return None;
    }
    let bounds = &returned.bounds;
    let mut usable = true;
    let mut after_quote = false;
    each_token(bounds.to_token_stream(), &mut |token| {
        if let TokenTree::Ident(word) = token {
            usable &= !after_quote || word == "static";
            usable &=
                !is_generic(word, signature, target) && !["Self", "impl", "use"].iter().any(|other| word == other);
        }
        after_quote = matches!(token, TokenTree::Punct(punct) if punct.as_char() == '\'');
    });
    usable.then(|| {
        quote_spanned!(Span::mixed_site()=> ({
            fn __tta_returned<F: #bounds>(returned: F) -> F {
                returned
            }
            __tta_returned
        }))
    })
}
