//! Reads from the signature whether a function returns a value, a future or a stream.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, ReturnType, Signature, Type, TypeParamBound};

use crate::generic_names::is_generic;
use crate::impl_trait::contains_impl_trait;
use crate::peel::peel;
use crate::target::Target;
use crate::tokens::each_token;

/// The event that ends the call.
#[derive(Clone)]
pub(crate) enum Shape {
    /// The return of the function.
    Sync,
    /// The completion of the `async fn`.
    Async,
    /// The completion of the returned future.
    Future(Wrapping),
    /// The end of the returned stream.
    Stream(Opening, Wrapping),
    /// The end of the stream to which the `async fn` resolves.
    AsyncStream(Opening, Wrapping),
    /// The compiler decides by the type: an alias or an associated type may hide a boxed future or stream.
    ByType,
    /// The compiler decides by the type whether the returned `impl Stream` is a stream or implements another trait.
    ByTrait,
}

/// Tells whether a function may return an error instead of its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// `impl Stream`
    Infallible,
    /// `Result<impl Stream, E>`: an `Err` ends the call.
    Fallible,
}

/// How the returned future or stream is wrapped. The observing one is wrapped alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapping {
    /// `impl Future`
    Bare,
    /// `Box<dyn Future + Unpin>`
    Boxed,
    /// `Pin<Box<dyn Future>>`, or an alias of it
    Pinned,
}

/// The return type of a function.
#[derive(Clone)]
pub(crate) struct Returns {
    pub(crate) shape: Shape,
    /// The type that decides the outcome: the returned value, the awaited output, or each item. `None` if not written.
    pub(crate) output: Option<Type>,
    /// The alias of a future or stream, whose output or item does not stand in the signature.
    pub(crate) alias: Option<Type>,
    /// True if the output is that of an `impl Future` or `impl Stream`, and can be written in its body.
    pub(crate) is_promised: bool,
}

impl Returns {
    /// Returns whether the output is written as a `Result`. The attribute's closures then see its `Ok` value.
    pub(crate) fn is_result(&self) -> bool {
        self.output.as_ref().is_some_and(is_result)
    }

    /// Returns whether the function returns a stream, or may do so for all that its return type says.
    pub(crate) fn may_stream(&self) -> bool {
        matches!(self.shape, Shape::Stream(..) | Shape::AsyncStream(..) | Shape::ByType | Shape::ByTrait)
    }

    /// Returns whether the function may return an error instead of its stream.
    pub(crate) fn opens_fallibly(&self) -> bool {
        matches!(self.shape, Shape::Stream(Opening::Fallible, _) | Shape::AsyncStream(Opening::Fallible, _))
    }
}

/// Returns whether a type is written as a `Result`.
pub(crate) fn is_result(written: &Type) -> bool {
    last_segment(written).is_some_and(|(name, arguments)| {
        // `io::Result<T>` and `ChatResult<T>` are aliases of `Result`; `SearchResult` is a type of its own.
        name == "Result" || (name.ends_with("Result") && type_arguments(arguments).next().is_some())
    })
}

/// A return value that outlives the function itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deferred {
    Future,
    Stream,
}

/// The value of the key `returns`: what the return type is, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Declared {
    /// Neither a future nor a stream: the call ends with the return.
    Value,
    Deferred(Deferred),
}

/// Types that are neither a future nor a stream, and no alias of one.
const VALUES: &[&str] = &[
    "Self", "Box", "Result", "Option", "String", "Vec", "Arc", "Rc", "Cow", "HashMap", "BTreeMap", "HashSet",
    "BTreeSet", "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    "f32", "f64",
];

/// Reads the return type. `declared` is the value of the key `returns`.
pub(crate) fn read(signature: &Signature, target: &Target<'_>, declared: Option<Declared>) -> Returns {
    let written = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, written) => Some(peel(written)),
    };
    let is_async = signature.asyncness.is_some();
    let value = |shape| Returns { shape, output: written.cloned(), alias: None, is_promised: false };
    let declared = match declared {
        Some(Declared::Value) => return value(if is_async { Shape::Async } else { Shape::Sync }),
        Some(Declared::Deferred(declared)) => Some(declared),
        None => None,
    };
    if !is_async
        && let Some(written) = written
        && let Some(found) = deferred(written)
        && hides_borrowed_output(&found, written, signature, target)
    {
        return Returns { shape: Shape::ByType, output: found.output, alias: None, is_promised: false };
    }
    if let Some(Opened { opening, found: Found { wrapping, output, alias, is_promised, .. } }) =
        written.and_then(|written| stream(written, declared))
    {
        let shape = if is_async { Shape::AsyncStream } else { Shape::Stream };
        let by_trait = !is_async && declared.is_none() && wrapping == Wrapping::Bare && output.is_none();
        let shape = if by_trait { Shape::ByTrait } else { shape(opening, wrapping) };
        return Returns { shape, output, alias, is_promised };
    }
    if is_async {
        return value(Shape::Async);
    }
    match (written.and_then(deferred), declared) {
        (Some(Found { wrapping, output, alias, is_promised, .. }), _) => {
            Returns { shape: Shape::Future(wrapping), output, alias, is_promised }
        }
        (None, Some(_)) => Returns {
            shape: Shape::Future(alias_wrapping(written)),
            output: None,
            alias: written.and_then(named),
            is_promised: false,
        },
        (None, None) => value(if written.is_some_and(may_be_alias) { Shape::ByType } else { Shape::Sync }),
    }
}

/// Returns whether a type is a boxed `'static` future or stream whose output may not be `'static`.
///
/// So are `BoxFuture<'static, X<'a>>` and, for a generic `T`, `Pin<Box<dyn Future<Output = T>>>`. Only the runtime can put
/// such a box into another one.
fn hides_borrowed_output(found: &Found, written: &Type, signature: &Signature, target: &Target<'_>) -> bool {
    // An alias with several arguments, such as the `BoxFuture<T, E>` of tower, makes the output of them.
    let output = found.output.as_ref().unwrap_or(written);
    if found.wrapping == Wrapping::Bare || contains_impl_trait(output) {
        return false;
    }
    let mut is_static = lifetimes_outside(written, found.output.as_ref()) == 0;
    each_lifetime(written, &mut |name| is_static |= name == "static");
    let mut may_borrow = false;
    each_lifetime(output, &mut |name| may_borrow |= name != "static");
    each_token(output.to_token_stream(), &mut |token| {
        may_borrow |= matches!(token, TokenTree::Ident(word) if word == "Self" || is_generic(word, signature, target));
    });
    is_static && may_borrow
}

/// Counts the lifetimes of a type that do not stand in a part of it.
fn lifetimes_outside(written: &Type, part: Option<&Type>) -> usize {
    let count = |written: &Type| {
        let mut count = 0_usize;
        each_lifetime(written, &mut |_| count += 1);
        count
    };
    count(written).saturating_sub(part.map_or(0, count))
}

/// Visits the name of each lifetime, which is `_` for a reference without one.
fn each_lifetime(written: &Type, visit: &mut impl FnMut(&str)) {
    let mut follows_quote = false;
    let mut follows_reference = false;
    each_token(written.to_token_stream(), &mut |token| {
        let is_quote = matches!(token, TokenTree::Punct(punct) if punct.as_char() == '\'');
        if follows_reference && !is_quote {
            visit("_");
        }
        if let TokenTree::Ident(word) = token
            && follows_quote
        {
            visit(&word.to_string());
        }
        follows_quote = is_quote;
        follows_reference = matches!(token, TokenTree::Punct(punct) if punct.as_char() == '&');
    });
}

/// Returns whether a type may be an alias of a boxed future or stream, for all that its name says.
fn may_be_alias(written: &Type) -> bool {
    match written {
        Type::Path(path) => {
            let is_value = path.qself.is_none()
                && path.path.segments.last().is_some_and(|last| VALUES.iter().any(|name| last.ident == name));
            !is_value && !contains_impl_trait(written)
        }
        _ => false,
    }
}

/// Returns a type that can be named in the body: one that is no `impl Trait`.
fn named(written: &Type) -> Option<Type> {
    (!matches!(written, Type::ImplTrait(_))).then(|| written.clone())
}

/// A stream that a function returns.
struct Opened {
    opening: Opening,
    found: Found,
}

/// Reads a type that is a stream or a `Result` of one, by its form or because `declared` says so.
fn stream(written: &Type, declared: Option<Deferred>) -> Option<Opened> {
    if let Some(found) = deferred(written) {
        return (found.kind == Deferred::Stream).then_some(Opened { opening: Opening::Infallible, found });
    }
    let named_stream = |written: &Type| Found {
        kind: Deferred::Stream,
        wrapping: alias_wrapping(Some(written)),
        output: None,
        alias: named(written),
        is_promised: false,
    };
    let opened = last_segment(written).filter(|_| is_result(written)).and_then(|(_, list)| type_arguments(list).next());
    if let Some(opened) = opened.map(peel) {
        match deferred(opened) {
            Some(found) if found.kind == Deferred::Stream => {
                return Some(Opened { opening: Opening::Fallible, found });
            }
            None if declared == Some(Deferred::Stream) => {
                return Some(Opened { opening: Opening::Fallible, found: named_stream(opened) });
            }
            _ => {}
        }
    }
    let declared = declared == Some(Deferred::Stream);
    declared.then(|| Opened { opening: Opening::Infallible, found: named_stream(written) })
}

/// Returns the wrapping of a type whose form shows neither a future nor a stream: an alias is taken as pinned.
fn alias_wrapping(written: Option<&Type>) -> Wrapping {
    if matches!(written, Some(Type::ImplTrait(_))) { Wrapping::Bare } else { Wrapping::Pinned }
}

/// A type whose form shows a future or a stream.
struct Found {
    kind: Deferred,
    wrapping: Wrapping,
    output: Option<Type>,
    alias: Option<Type>,
    /// True if the output is that of an `impl Trait`, and can be written in the body.
    is_promised: bool,
}

/// Reads a type whose form shows a future or a stream.
fn deferred(written: &Type) -> Option<Found> {
    match written {
        Type::ImplTrait(bounds) => {
            let found = deferred_bound(bounds.bounds.iter(), Wrapping::Bare)?;
            // The type of the observing future names the output, which may not outlive a bound such as `'static`.
            let outlives = bounds.bounds.iter().any(|bound| matches!(bound, TypeParamBound::Lifetime(_)));
            let is_promised = found.output.as_ref().is_some_and(|output| !outlives && !contains_impl_trait(output));
            Some(Found { is_promised, ..found })
        }
        Type::Path(_) => {
            let (name, arguments) = last_segment(written)?;
            let kind = match name.as_str() {
                "Pin" => {
                    let found = deferred_box(type_arguments(arguments).last().map(peel)?)?;
                    return Some(Found { wrapping: Wrapping::Pinned, ..found });
                }
                "Box" => return deferred_box(written),
                "BoxFuture" | "LocalBoxFuture" => Deferred::Future,
                "BoxStream" | "LocalBoxStream" => Deferred::Stream,
                _ => return None,
            };
            // With one argument, it is the output or a part of it; `BoxFuture<T, E>` of tower hides a `Result`.
            let mut inner = type_arguments(arguments).map(peel);
            let output = inner.next().filter(|_| inner.next().is_none()).cloned();
            Some(Found { kind, wrapping: Wrapping::Pinned, output, alias: Some(written.clone()), is_promised: false })
        }
        _ => None,
    }
}

fn deferred_box(written: &Type) -> Option<Found> {
    let (name, arguments) = last_segment(written)?;
    match type_arguments(arguments).next().map(peel)? {
        Type::TraitObject(bounds) if name == "Box" => deferred_bound(bounds.bounds.iter(), Wrapping::Boxed),
        _ => None,
    }
}

/// Finds `Future<Output = T>` or `Stream<Item = T>` among bounds.
fn deferred_bound<'a>(bounds: impl Iterator<Item = &'a TypeParamBound>, wrapping: Wrapping) -> Option<Found> {
    for bound in bounds {
        let TypeParamBound::Trait(bound) = bound else {
            continue;
        };
        let Some(segment) = bound.path.segments.last() else {
            continue;
        };
        let (kind, associated) = match segment.ident.to_string().as_str() {
            "Future" | "FusedFuture" => (Deferred::Future, "Output"),
            "Stream" | "FusedStream" => (Deferred::Stream, "Item"),
            _ => continue,
        };
        let output = match &segment.arguments {
            PathArguments::AngleBracketed(arguments) => arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::AssocType(pair) if pair.ident == associated => Some(peel(&pair.ty).clone()),
                _ => None,
            }),
            _ => None,
        };
        return Some(Found { kind, wrapping, output, alias: None, is_promised: false });
    }
    None
}

fn last_segment(written: &Type) -> Option<(String, &PathArguments)> {
    match peel(written) {
        Type::Path(path) => path.path.segments.last().map(|segment| (segment.ident.to_string(), &segment.arguments)),
        _ => None,
    }
}

fn type_arguments(arguments: &PathArguments) -> impl Iterator<Item = &Type> {
    let list = match arguments {
        PathArguments::AngleBracketed(arguments) => Some(arguments.args.iter()),
        _ => None,
    };
    list.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(signature: &str, declared: Option<Deferred>, expected: &str) {
        let declared = declared.map(Declared::Deferred);
        let returns = read(&syn::parse_str(signature).expect("a signature"), &Target::Function, declared);
        let shape = match returns.shape {
            Shape::Sync => "sync".to_owned(),
            Shape::Async => "async".to_owned(),
            Shape::Future(wrapping) => format!("{wrapping:?} future"),
            Shape::Stream(Opening::Infallible, wrapping) => format!("{wrapping:?} stream"),
            Shape::Stream(Opening::Fallible, wrapping) => format!("fallible {wrapping:?} stream"),
            Shape::AsyncStream(Opening::Infallible, wrapping) => format!("async {wrapping:?} stream"),
            Shape::AsyncStream(Opening::Fallible, wrapping) => format!("async fallible {wrapping:?} stream"),
            Shape::ByType => "by type".to_owned(),
            Shape::ByTrait => "by trait".to_owned(),
        };
        let output = returns.output.map_or_else(|| "-".to_owned(), |output| output.to_token_stream().to_string());
        assert_eq!(format!("{shape} of {output}"), expected);
    }

    #[test]
    fn a_result_is_recognized_by_its_name_and_arguments() {
        let is_result =
            |signature| read(&syn::parse_str(signature).expect("a signature"), &Target::Function, None).is_result();
        assert!(
            ["fn f() -> fmt::Result", "fn f() -> ChatResult<u8>", "async fn f() -> Result<u8, E>"]
                .map(is_result)
                .iter()
                .all(|is| *is)
        );
        assert!(!["fn f() -> SearchResult", "fn f() -> Reply<u8>", "fn f()"].map(is_result).iter().any(|is| *is));
    }

    #[test]
    fn the_signature_decides_which_event_ends_the_call() {
        check("fn f()", None, "sync of -");
        check("fn f() -> Box<dyn Error>", None, "sync of Box < dyn Error >");
        check("async fn f() -> Result<u8, E>", None, "async of Result < u8 , E >");
        check("fn f() -> impl Send + Future<Output = u8> + 'a", None, "Bare future of u8");
        check("fn f() -> impl ::core::future::Future", None, "Bare future of -");
        check("fn f() -> Pin<Box<dyn Future<Output = (u8)> + Send>>", None, "Pinned future of u8");
        check("fn f() -> Box<dyn Future<Output = u8> + Unpin>", None, "Boxed future of u8");
        check("fn f() -> futures::future::BoxFuture<'a, Result<u8, E>>", None, "Pinned future of Result < u8 , E >");
        check("fn f() -> impl Stream<Item = u8>", None, "Bare stream of u8");
        check("fn f() -> LocalBoxStream<'static, u8>", None, "Pinned stream of u8");
        check("async fn f() -> impl Stream<Item = u8>", None, "async Bare stream of u8");
        check("async fn f() -> BoxStream<'static, u8>", None, "async Pinned stream of u8");
        check("async fn f() -> Reply", Some(Deferred::Stream), "async Pinned stream of -");
        check("async fn f() -> Result<impl Stream<Item = u8>, E>", None, "async fallible Bare stream of u8");
        check("async fn f() -> io::Result<Reply>", Some(Deferred::Stream), "async fallible Pinned stream of -");
        check("fn f() -> Result<BoxStream<'_, Result<u8, E>>, E>", None, "fallible Pinned stream of Result < u8 , E >");
        check(
            "fn f() -> Result<Pin<Box<dyn Future<Output = u8>>>, E>",
            None,
            "sync of Result < Pin < Box < dyn Future < Output = u8 > > > , E >",
        );
        let borrowed = "fn f<'a>() -> BoxFuture<'static, X<'a>>";
        check(borrowed, None, "by type of X < 'a >");
        check("fn f<'a>() -> BoxFuture<'a, X<'a>>", None, "Pinned future of X < 'a >");
        check("fn f<'a>() -> BoxFuture<'static, Words<'static>>", None, "Pinned future of Words < 'static >");
        check("fn f() -> Box<dyn Future<Output = &u8> + Unpin>", None, "by type of & u8");
        check("fn f() -> Box<dyn Future<Output = &u8> + Unpin + '_>", None, "Boxed future of & u8");
        check("fn f() -> BoxFuture<Reply, Error>", None, "Pinned future of -");
        check("fn f() -> BoxFuture<Reply, E>", None, "by type of -");
        check("fn f() -> Reply", None, "by type of Reply");
        check("fn f() -> Self::Future", None, "by type of Self :: Future");
        check("fn f() -> Self", None, "sync of Self");
        check("fn f() -> impl Stream", None, "by trait of -");
        check("fn f() -> Reply", Some(Deferred::Future), "Pinned future of -");
        check("fn f() -> impl Reply", Some(Deferred::Stream), "Bare stream of -");
    }
}
