//! Types of a signature written where `impl Trait` is not allowed.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, PathArguments, Type, TypeInfer};

use crate::parameters::each_token;
use crate::returns::peel;

/// Returns a type with `_` for each `impl Trait`, which can only be written in signatures.
pub(crate) fn inferred(written: &Type) -> TokenStream {
    if matches!(peel(written), Type::ImplTrait(_)) {
        return quote!(_);
    }
    if !is_opaque(written) {
        return written.to_token_stream();
    }
    let mut written = written.clone();
    replace(&mut written);
    written.into_token_stream()
}

/// Returns whether a type mentions `impl Trait`.
pub(crate) fn is_opaque(written: &Type) -> bool {
    let mut found = false;
    each_token(written.to_token_stream(), &mut |token| {
        found |= matches!(token, TokenTree::Ident(word) if word == "impl");
    });
    found
}

fn replace(written: &mut Type) {
    match written {
        Type::ImplTrait(opaque) => {
            let underscore_token = syn::token::Underscore(opaque.impl_token.span);
            *written = Type::Infer(TypeInfer { attrs: Vec::new(), underscore_token });
        }
        Type::Array(inner) => replace(&mut inner.elem),
        Type::Group(inner) => replace(&mut inner.elem),
        Type::Paren(inner) => replace(&mut inner.elem),
        Type::Reference(inner) => replace(&mut inner.elem),
        Type::Slice(inner) => replace(&mut inner.elem),
        Type::Tuple(inner) => inner.elems.iter_mut().for_each(replace),
        Type::Path(path) => {
            for segment in &mut path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    for argument in &mut arguments.args {
                        if let GenericArgument::Type(inner) = argument {
                            replace(inner);
                        }
                    }
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_named_is_inferred() {
        let mut written: Type = syn::parse_str("Result<(u8, Vec<impl Iterator<Item = u8>>), &impl A>").expect("a type");
        replace(&mut written);
        assert_eq!(written.to_token_stream().to_string(), "Result < (u8 , Vec < _ >) , & _ >");
    }
}
