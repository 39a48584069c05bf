//! Replaces `impl Trait` with `_` in a type, for places where `impl Trait` is not allowed.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, Path, PathArguments, Type, TypeInfer, TypeParamBound};

use crate::peel::peel;
use crate::tokens::each_token;

/// Returns the type with `_` in the place of each `impl Trait`.
pub(crate) fn infer_impl_trait(written: &Type) -> TokenStream {
    if matches!(peel(written), Type::ImplTrait(_)) {
        return quote!(_);
    }
    if !contains_impl_trait(written) {
        return written.to_token_stream();
    }
    let mut written = written.clone();
    replace(&mut written);
    written.into_token_stream()
}

/// Returns whether a type is or contains `impl Trait`.
pub(crate) fn contains_impl_trait(written: &Type) -> bool {
    let mut found = false;
    each_token(written.to_token_stream(), &mut |token| {
        found |= matches!(token, TokenTree::Ident(word) if word == "impl");
    });
    found
}

fn replace(written: &mut Type) {
    match written {
        Type::ImplTrait(impl_trait) => {
            let underscore_token = syn::token::Underscore(impl_trait.impl_token.span);
            *written = Type::Infer(TypeInfer { attrs: Vec::new(), underscore_token });
        }
        Type::Array(inner) => replace(&mut inner.elem),
        Type::Group(inner) => replace(&mut inner.elem),
        Type::Paren(inner) => replace(&mut inner.elem),
        Type::Reference(inner) => replace(&mut inner.elem),
        Type::Slice(inner) => replace(&mut inner.elem),
        Type::Tuple(inner) => inner.elems.iter_mut().for_each(replace),
        Type::Path(path) => replace_in_path(&mut path.path),
        Type::TraitObject(object) => {
            for bound in &mut object.bounds {
                if let TypeParamBound::Trait(bound) = bound {
                    replace_in_path(&mut bound.path);
                }
            }
        }
        _ => {}
    }
}

fn replace_in_path(path: &mut Path) {
    for segment in &mut path.segments {
        match &mut segment.arguments {
            PathArguments::None => {}
            PathArguments::AngleBracketed(arguments) => {
                for argument in &mut arguments.args {
                    match argument {
                        GenericArgument::Type(inner) => replace(inner),
                        GenericArgument::AssocType(pair) => replace(&mut pair.ty),
                        _ => {}
                    }
                }
            }
            PathArguments::Parenthesized(arguments) => {
                if let syn::ReturnType::Type(_, inner) = &mut arguments.output {
                    replace(inner);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_impl_trait_becomes_an_underscore() {
        let written: Type = syn::parse_str("Result<(u8, Vec<impl Iterator<Item = u8>>), &impl A>").expect("a type");
        assert_eq!(infer_impl_trait(&written).to_string(), "Result < (u8 , Vec < _ >) , & _ >");
        let written: Type = syn::parse_str("Box<dyn Iterator<Item = impl Display>>").expect("a type");
        assert_eq!(infer_impl_trait(&written).to_string(), "Box < dyn Iterator < Item = _ > >");
    }
}
