//! The parameters handed into the observed body, without a change to when each is dropped.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, FnArg, GenericArgument, Pat, PatIdent, PathArguments, ReceiverKind, Signature, Token, Type};

use crate::parameters::each_token;
use crate::returns::peel;

/// Moves the parameters into the body: changes the signature, and returns the statements that bind them again inside.
///
/// Inside, each binding is made again in order from the author's own tokens, so that parameters are dropped in the
/// same order as without the attribute, and lints about unused names and needless `mut` point where they always did.
/// `mentioned` holds the expressions that run before the body and need the parameters' names.
pub(crate) fn move_in(signature: &mut Signature, is_async: bool, mentioned: &TokenStream) -> TokenStream {
    let mut statements = TokenStream::new();
    let stays_outside = if is_async { drops_quietly } else { is_reference };
    for (index, input) in signature.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                let owned = !matches!(receiver.kind, ReceiverKind::Reference(..));
                if owned {
                    let this = &receiver.self_token;
                    // Naming `self` as a whole moves all of it, and not only the fields that the body uses.
                    statements.extend(quote!(let _ = &#this;));
                }
            }
            FnArg::Typed(input) => {
                let stays = stays_outside(&input.ty);
                let attributes = move_attributes(&mut input.attrs);
                let statement = match &mut *input.pat {
                    // Nobody sees when these are dropped, and each binding that stays outside keeps a future smaller.
                    Pat::Ident(PatIdent { by_ref: None, mutability: None, subpat: None, .. }) | Pat::Wild(_)
                        if stays =>
                    {
                        input.attrs.extend(attributes.into_iter().filter(|attribute| !is_cfg(attribute)));
                        continue;
                    }
                    Pat::Ident(PatIdent { by_ref: None, mutability, subpat: None, ident, .. }) => {
                        rebind(&attributes, mutability.take(), ident, mentioned)
                    }
                    pattern if mentions(mentioned, &pattern.to_token_stream()) => {
                        let mut bindings = Vec::new();
                        take_bindings(pattern, &mut bindings);
                        bindings.iter().map(|(mutable, name)| rebind(&attributes, *mutable, name, mentioned)).collect()
                    }
                    pattern => {
                        let whole = format_ident!("__argument_{index}", span = Span::mixed_site());
                        let pattern = std::mem::replace(pattern, Pat::Verbatim(quote!(#whole)));
                        let parts = match &pattern {
                            Pat::Wild(_) => None,
                            pattern => Some(quote!(#(#attributes)* let #pattern = #whole;)),
                        };
                        let cfgs = attributes.iter().filter(|attribute| is_cfg(attribute));
                        quote!(#(#cfgs)* let #whole = #whole; #parts)
                    }
                };
                statements.extend(statement);
            }
        }
    }
    statements
}

fn is_reference(written: &Type) -> bool {
    matches!(peel(written), Type::Reference(_))
}

/// Returns whether the drop of a value of this type runs no code of the program's own.
fn drops_quietly(written: &Type) -> bool {
    const QUIET: &[&str] = &[
        "u8",
        "u16",
        "u32",
        "u64",
        "u128",
        "usize",
        "i8",
        "i16",
        "i32",
        "i64",
        "i128",
        "isize",
        "f32",
        "f64",
        "bool",
        "char",
        "String",
        "PathBuf",
        "Duration",
        "Instant",
        "SystemTime",
        "Option",
        "Vec",
    ];
    match peel(written) {
        Type::Reference(_) => true,
        Type::Tuple(inner) => inner.elems.iter().all(drops_quietly),
        Type::Array(inner) => drops_quietly(&inner.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            let inner = match &last.arguments {
                PathArguments::None => true,
                PathArguments::AngleBracketed(arguments) => arguments.args.iter().all(|argument| match argument {
                    GenericArgument::Type(inner) => drops_quietly(inner),
                    argument => matches!(argument, GenericArgument::Lifetime(_)),
                }),
                PathArguments::Parenthesized(_) => false,
            };
            inner && QUIET.iter().any(|name| last.ident == name)
        }),
        _ => false,
    }
}

fn rebind(
    attributes: &[Attribute],
    mutable: Option<Token![mut]>,
    name: &Ident,
    mentioned: &TokenStream,
) -> TokenStream {
    // Clippy takes a name with an underscore for one that should not be used, and this statement uses it.
    let quiet = name
        .unraw()
        .to_string()
        .starts_with('_')
        .then(|| quote!(#[allow(clippy::no_effect_underscore_binding, clippy::used_underscore_binding)]));
    let cfgs = attributes.iter().filter(|attribute| is_cfg(attribute));
    // The attribute used the name before the body, so it is no unused one.
    let used = mentions(mentioned, &name.to_token_stream()).then(|| quote!(#(#cfgs)* let _ = &#name;));
    quote!(#quiet #(#attributes)* let #mutable #name = #name; #used)
}

/// Takes the attributes that belong to the binding: lint levels move, conditions stay on both.
fn move_attributes(attributes: &mut Vec<Attribute>) -> Vec<Attribute> {
    let is_lint = |attribute: &Attribute| {
        ["allow", "warn", "deny", "forbid", "expect"].iter().any(|level| attribute.path().is_ident(level))
    };
    let moved = attributes.iter().filter(|attribute| is_lint(attribute) || is_cfg(attribute)).cloned().collect();
    attributes.retain(|attribute| !is_lint(attribute));
    moved
}

fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

/// Returns whether the expressions use a word of the pattern.
fn mentions(expressions: &TokenStream, pattern: &TokenStream) -> bool {
    let mut words = Vec::new();
    each_token(pattern.clone(), &mut |token| {
        if let TokenTree::Ident(word) = token {
            words.push(word.clone());
        }
    });
    let mut found = false;
    each_token(expressions.clone(), &mut |token| match token {
        TokenTree::Ident(word) => found |= words.contains(word),
        // `format!("{name}")` uses a name, too.
        TokenTree::Literal(text) => found |= words.iter().any(|word| captures(text, word)),
        _ => {}
    });
    found
}

fn captures(text: &Literal, word: &Ident) -> bool {
    let text = text.to_string();
    text.contains('{') && text.contains(&word.to_string())
}

/// Takes each name that a pattern binds by value, together with its `mut`.
fn take_bindings(pattern: &mut Pat, bindings: &mut Vec<(Option<Token![mut]>, Ident)>) {
    match pattern {
        Pat::Ident(binding) => {
            if binding.by_ref.is_none() {
                bindings.push((binding.mutability.take(), binding.ident.clone()));
            }
            if let Some((_, inner)) = &mut binding.subpat {
                take_bindings(inner, bindings);
            }
        }
        Pat::Paren(inner) => take_bindings(&mut inner.pat, bindings),
        Pat::Reference(inner) => take_bindings(&mut inner.pat, bindings),
        Pat::Type(inner) => take_bindings(&mut inner.pat, bindings),
        Pat::Slice(inner) => inner.elems.iter_mut().for_each(|inner| take_bindings(inner, bindings)),
        Pat::Tuple(inner) => inner.elems.iter_mut().for_each(|inner| take_bindings(inner, bindings)),
        Pat::TupleStruct(inner) => inner.elems.iter_mut().for_each(|inner| take_bindings(inner, bindings)),
        Pat::Struct(inner) => {
            for field in &mut inner.fields {
                // `S { mut x }` says its name and its binding in one.
                if field.colon_token.is_some() {
                    take_bindings(&mut field.pat, bindings);
                } else if let Pat::Ident(binding) = &mut *field.pat
                    && binding.by_ref.is_none()
                {
                    bindings.push((binding.mutability.take(), binding.ident.clone()));
                }
            }
        }
        _ => {}
    }
}
