//! Moves parameters into the observed body, and keeps the order in which they are dropped.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, FnArg, GenericArgument, Pat, PatIdent, PathArguments, ReceiverKind, Signature, Token, Type};

use crate::peel::peel;
use crate::tokens::each_token;

/// The most arguments that a closure around the body can have.
const MOST_ARGUMENTS: usize = 12;

/// How the body gets the parameters of the function.
pub(crate) struct Moved {
    /// The statements that bind parameters inside the body.
    pub(crate) rebind: TokenStream,
    /// The parameters that are arguments of the closure around the body: their names outside it.
    pub(crate) names: Vec<Ident>,
    /// The arguments of that closure.
    pub(crate) patterns: Vec<TokenStream>,
}

/// Rewrites the parameters of the signature, and returns how the body gets them.
///
/// Patterns and statements repeat the author's own tokens in order, so that errors and lints point at the author's code.
/// `inputs` are the expressions that are evaluated before the body, and need the parameters' names outside it.
///
/// Parameters are dropped in the order of the bare function, the last one first. What a statement binds is dropped before
/// the closure's arguments, so that arguments end at the first parameter that has to be bound by a statement.
pub(crate) fn move_parameters(signature: &mut Signature, is_async: bool, inputs: &TokenStream) -> Moved {
    let mut moved = Moved { rebind: TokenStream::new(), names: Vec::new(), patterns: Vec::new() };
    let is_closure = !is_async && signature.inputs.len() <= MOST_ARGUMENTS;
    let mut takes_arguments = is_closure;
    for (index, input) in signature.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                let owned = !matches!(receiver.kind, ReceiverKind::Reference(..));
                if owned {
                    let this = &receiver.self_token;
                    // A closure captures single fields; naming `self` as a whole makes it capture all of it.
                    moved.rebind.extend(quote!(let _ = &#this;));
                }
            }
            FnArg::Typed(input) => {
                let attributes = move_attributes(&mut input.attrs);
                let is_reference = is_reference(&input.ty);
                let stays = if is_async { drops_quietly(&input.ty) } else { is_reference };
                let is_used = uses(inputs, &input.pat.to_token_stream());
                let can_be_argument = !is_used && !attributes.iter().any(is_cfg);
                // To drop a reference has no effect, wherever it is bound.
                let is_argument = can_be_argument && (takes_arguments || (is_closure && is_reference));
                takes_arguments &= can_be_argument || is_reference;
                match &mut *input.pat {
                    Pat::Ident(PatIdent { by_ref: None, mutability, subpat: None, ident, .. }) if is_argument => {
                        let argument = ident.clone();
                        let mutability = mutability.take();
                        moved.patterns.push(quote!(#(#attributes)* #mutability #argument));
                        // A name of the expansion's own, so that the argument shadows nothing.
                        ident.set_span(Span::mixed_site().located_at(ident.span()));
                        moved.names.push(ident.clone());
                    }
                    // Dropping these has no visible effect, and a binding that stays outside keeps the future smaller.
                    Pat::Ident(PatIdent { by_ref: None, mutability: None, subpat: None, .. }) | Pat::Wild(_)
                        if stays =>
                    {
                        input.attrs.extend(attributes.into_iter().filter(|attribute| !is_cfg(attribute)));
                    }
                    Pat::Ident(PatIdent { by_ref: None, mutability, subpat: None, ident, .. }) => {
                        moved.rebind.extend(rebind(&attributes, mutability.take(), ident, inputs));
                    }
                    pattern if is_used => {
                        let mut bindings = Vec::new();
                        take_bindings(pattern, &mut bindings);
                        for (mutable, name) in &bindings {
                            moved.rebind.extend(rebind(&attributes, *mutable, name, inputs));
                        }
                    }
                    pattern => {
                        let whole = format_ident!("__argument_{index}", span = Span::mixed_site());
                        let pattern = std::mem::replace(pattern, Pat::Verbatim(quote!(#whole)));
                        if is_argument {
                            moved.patterns.push(match &pattern {
                                Pat::Wild(_) => whole.to_token_stream(),
                                pattern => quote!(#(#attributes)* #pattern),
                            });
                            moved.names.push(whole);
                            continue;
                        }
                        let parts = match &pattern {
                            Pat::Wild(_) => None,
                            pattern => Some(quote!(#(#attributes)* let #pattern = #whole;)),
                        };
                        let cfgs = attributes.iter().filter(|attribute| is_cfg(attribute));
                        moved.rebind.extend(quote!(#(#cfgs)* let #whole = #whole; #parts));
                    }
                }
            }
        }
    }
    moved
}

fn has_leading_underscore(name: &Ident) -> bool {
    name.unraw().to_string().starts_with('_')
}

fn is_reference(written: &Type) -> bool {
    matches!(peel(written), Type::Reference(_))
}

/// Returns whether dropping a value of this type runs no code of the program.
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

fn rebind(attributes: &[Attribute], mutable: Option<Token![mut]>, name: &Ident, inputs: &TokenStream) -> TokenStream {
    // Clippy warns where a name with a leading underscore is used, as this statement does.
    let quiet = if has_leading_underscore(name) {
        quote!(#[allow(clippy::no_effect_underscore_binding, clippy::shadow_same, clippy::used_underscore_binding)])
    } else {
        quote!(#[allow(clippy::shadow_same)])
    };
    let cfgs = attributes.iter().filter(|attribute| is_cfg(attribute));
    // The attribute already used the name, so the compiler must not call it unused.
    let used = uses(inputs, &name.to_token_stream()).then(|| quote!(#(#cfgs)* let _ = &#name;));
    quote!(#quiet #(#attributes)* let #mutable #name = #name; #used)
}

/// Takes the attributes that belong to the binding: lint levels move, and conditions are copied.
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

/// Returns whether the expressions contain an identifier of the pattern.
fn uses(expressions: &TokenStream, pattern: &TokenStream) -> bool {
    let mut words = Vec::new();
    each_token(pattern.clone(), &mut |token| {
        if let TokenTree::Ident(word) = token {
            words.push(word.clone());
        }
    });
    let mut found = false;
    each_token(expressions.clone(), &mut |token| match token {
        TokenTree::Ident(word) => found |= words.contains(word),
        // `format!("{name}")` captures a name, too.
        TokenTree::Literal(text) => found |= words.iter().any(|word| captures(text, word)),
        _ => {}
    });
    found
}

fn captures(text: &Literal, word: &Ident) -> bool {
    let text = text.to_string();
    text.contains('{') && text.contains(&word.to_string())
}

/// Collects each name that a pattern binds by value, and takes its `mut`.
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
                // `S { mut x }` is a field and a binding at once.
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
