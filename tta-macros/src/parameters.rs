//! The parameters that an attribute's expressions can name, with their types.
//!
//! A type is recorded as [`Nameable`] if an item inside the function's body can name it. The call site is such an item,
//! and lists the values of a label whose type it can name.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{FnArg, Pat, PatIdent, Signature, Type};

use crate::generic_names::{is_parameter_of, looks_generic};
use crate::peel::peel;
use crate::target::Target;
use crate::tokens::each_token;

/// A parameter whose pattern is a plain name.
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    pub(crate) written: Type,
    /// The type without its references, if an item inside the body can name it.
    pub(crate) nameable: Option<Nameable>,
}

/// A type that an item inside the body can name.
#[derive(Clone)]
pub(crate) struct Nameable {
    pub(crate) written: Type,
    /// Names in the type that may be generic parameters of an `impl` block that the attribute cannot see.
    pub(crate) maybe_generic: Vec<Ident>,
}

impl Parameter {
    /// Finds the parameter of this name.
    pub(crate) fn find<'a>(parameters: &'a [Parameter], name: &Ident) -> Option<&'a Parameter> {
        parameters.iter().find(|parameter| parameter.name == *name)
    }
}

/// Lists the parameters whose patterns are plain names.
pub(crate) fn list(signature: &Signature, target: &Target<'_>) -> Vec<Parameter> {
    let plain = |input: &FnArg| match input {
        FnArg::Typed(input) => match &*input.pat {
            Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. }) => Some(Parameter {
                name: ident.clone(),
                written: (*input.ty).clone(),
                nameable: nameable(&input.ty, signature, target),
            }),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    };
    signature.inputs.iter().filter_map(plain).collect()
}

fn nameable(written: &Type, signature: &Signature, target: &Target<'_>) -> Option<Nameable> {
    let written = peel(written);
    if let Type::Reference(inner) = written {
        return nameable(&inner.elem, signature, target);
    }
    if !matches!(written, Type::Path(_) | Type::Tuple(_)) {
        return None;
    }
    let mut usable = true;
    let mut depth = 0_u32;
    each_token(written.to_token_stream(), &mut |token| match token {
        TokenTree::Ident(word) => {
            // In `Several<N>`, the name may be that of a constant, for which no enum can stand.
            let may_be_constant = depth > 0 && matches!(target, Target::Function) && looks_generic(word);
            usable &= !may_be_constant && !is_parameter_of(word, signature, target);
            usable &= !["Self", "impl", "dyn", "_"].iter().any(|other| word == other);
        }
        TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
        TokenTree::Punct(punct) if punct.as_char() == '>' => depth = depth.saturating_sub(1),
        TokenTree::Punct(punct) if punct.as_char() == '\'' => usable = false,
        _ => {}
    });
    let maybe_generic = match target {
        Target::Function => {
            let mut names = single_names(written.to_token_stream());
            // An associated function without `self` shows no sign of its block, but for the usual names of parameters.
            if !looks_like_method(signature) {
                names.retain(looks_generic);
            }
            names
        }
        Target::MethodOf { .. } => Vec::new(),
    };
    usable.then(|| Nameable { written: written.clone(), maybe_generic })
}

/// Returns whether the signature shows that the function stands in an `impl` block or a trait.
fn looks_like_method(signature: &Signature) -> bool {
    let mut found = signature.receiver().is_some();
    each_token(signature.to_token_stream(), &mut |token| {
        found |= matches!(token, TokenTree::Ident(word) if word == "Self");
    });
    found
}

/// Lists the type names without a path and without arguments. Every use of a generic parameter looks like this.
fn single_names(written: TokenStream) -> Vec<Ident> {
    let tokens: Vec<TokenTree> = written.into_iter().collect();
    let is_mark = |index: Option<usize>, marks: &[char]| {
        let token = index.and_then(|index| tokens.get(index));
        matches!(token, Some(TokenTree::Punct(punct)) if marks.contains(&punct.as_char()))
    };
    let mut names = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) => {
                let in_path = is_mark(index.checked_sub(1), &[':']) || is_mark(Some(index + 1), &[':', '<']);
                let is_type = word.to_string().starts_with(char::is_uppercase);
                if !in_path && is_type && !names.contains(word) {
                    names.push(word.clone());
                }
            }
            TokenTree::Group(group) => names.extend(single_names(group.stream())),
            _ => {}
        }
    }
    names
}

/// Returns a type as an author would write it.
pub(crate) fn type_text(written: &Type) -> String {
    let spaced = written.to_token_stream().to_string();
    [(" :: ", "::"), (" < ", "<"), (" >", ">"), ("< ", "<"), ("& ", "&"), (" ,", ",")]
        .iter()
        .fold(spaced, |text, (spaced, tight)| text.replace(spaced, tight))
}
