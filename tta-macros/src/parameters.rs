//! The parameters that an attribute's expressions can name, and which of their types an item can name.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{FnArg, Pat, PatIdent, Signature, Type};

use crate::returns::peel;

/// A parameter that is a plain name.
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    pub(crate) written: Type,
    /// The type without its references, where an item inside the body can name it.
    pub(crate) nameable: Option<Nameable>,
}

/// A type that an item inside the body can name.
#[derive(Clone)]
pub(crate) struct Nameable {
    pub(crate) written: Type,
    /// Names in it that may be generic parameters of an `impl` block that the attribute cannot see.
    pub(crate) doubtful: Vec<Ident>,
}

impl Parameter {
    /// Finds the parameter of this name.
    pub(crate) fn find<'a>(parameters: &'a [Parameter], name: &Ident) -> Option<&'a Parameter> {
        parameters.iter().find(|parameter| parameter.name == *name)
    }
}

/// Which names in a type an item inside the function's body cannot use.
pub(crate) enum Outer<'a> {
    /// The names of the generic parameters around the function are known.
    Known(&'a [Ident]),
    /// The function may be a method whose `impl` block the attribute cannot see.
    Unknown,
}

/// Lists the parameters that are plain names.
pub(crate) fn list(signature: &Signature, outer: &Outer<'_>) -> Vec<Parameter> {
    let plain = |input: &FnArg| match input {
        FnArg::Typed(input) => match &*input.pat {
            Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. }) => Some(Parameter {
                name: ident.clone(),
                written: (*input.ty).clone(),
                nameable: nameable(&input.ty, signature, outer),
            }),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    };
    signature.inputs.iter().filter_map(plain).collect()
}

fn nameable(written: &Type, signature: &Signature, outer: &Outer<'_>) -> Option<Nameable> {
    let written = peel(written);
    if let Type::Reference(inner) = written {
        return nameable(&inner.elem, signature, outer);
    }
    if !matches!(written, Type::Path(_) | Type::Tuple(_)) {
        return None;
    }
    let mut usable = true;
    each_token(written.to_token_stream(), &mut |token| match token {
        TokenTree::Ident(word) => {
            let generic = signature.generics.type_params().any(|parameter| parameter.ident == *word)
                || signature.generics.const_params().any(|parameter| parameter.ident == *word)
                || match outer {
                    Outer::Known(names) => names.contains(word),
                    Outer::Unknown => looks_generic(word),
                };
            usable &= !generic && !["Self", "impl", "dyn", "_"].iter().any(|other| word == other);
        }
        TokenTree::Punct(punct) if punct.as_char() == '\'' => usable = false,
        _ => {}
    });
    let doubtful = match outer {
        Outer::Unknown if is_method(signature) => alone(written.to_token_stream()),
        _ => Vec::new(),
    };
    usable.then(|| Nameable { written: written.clone(), doubtful })
}

/// Returns whether the function stands in an `impl` block or a trait, as far as its signature tells.
fn is_method(signature: &Signature) -> bool {
    let mut found = signature.receiver().is_some();
    each_token(signature.to_token_stream(), &mut |token| {
        found |= matches!(token, TokenTree::Ident(word) if word == "Self");
    });
    found
}

/// Lists the names that stand alone, with neither a path around them nor arguments: generic parameters look so.
fn alone(written: TokenStream) -> Vec<Ident> {
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
            TokenTree::Group(group) => names.extend(alone(group.stream())),
            _ => {}
        }
    }
    names
}

/// Type parameters are named `T`, `K2` or `IN` by convention, and types are not.
fn looks_generic(word: &Ident) -> bool {
    word.to_string().chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
}

/// Calls the function for each token, those inside of groups included.
pub(crate) fn each_token(tokens: TokenStream, each: &mut impl FnMut(&TokenTree)) {
    for token in tokens {
        each(&token);
        if let TokenTree::Group(group) = token {
            each_token(group.stream(), each);
        }
    }
}

/// Returns a type as an author would write it.
pub(crate) fn text(written: &Type) -> String {
    let spaced = written.to_token_stream().to_string();
    [(" :: ", "::"), (" < ", "<"), (" >", ">"), ("< ", "<"), ("& ", "&"), (" ,", ",")]
        .iter()
        .fold(spaced, |text, (spaced, tight)| text.replace(spaced, tight))
}
