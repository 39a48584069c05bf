//! Reads from the signature whether a function returns a value, a future or a stream.

use syn::{GenericArgument, PathArguments, ReturnType, Signature, Type, TypeParamBound};

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
}

impl Returns {
    /// Returns whether the output is written as a `Result`. The attribute's closures then see its `Ok` value.
    pub(crate) fn is_result(&self) -> bool {
        self.output.as_ref().is_some_and(is_result)
    }

    /// Returns whether the function may return an error instead of its stream.
    pub(crate) fn opens_fallibly(&self) -> bool {
        matches!(self.shape, Shape::Stream(Opening::Fallible, _) | Shape::AsyncStream(Opening::Fallible, _))
    }
}

fn is_result(written: &Type) -> bool {
    last_segment(written).is_some_and(|(name, arguments)| {
        // `io::Result<T>` and `ChatResult<T>` are aliases of `Result`; `SearchResult` is a type of its own.
        name == "Result" || (name.ends_with("Result") && type_arguments(arguments).next().is_some())
    })
}

/// A return value that outlives the function itself. The key `returns` declares one that an alias hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deferred {
    Future,
    Stream,
}

/// Reads the return type. `declared` is the value of the key `returns`.
pub(crate) fn read(signature: &Signature, declared: Option<Deferred>) -> Returns {
    let written = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, written) => Some(peel(written)),
    };
    let is_async = signature.asyncness.is_some();
    if let Some((opening, wrapping, output)) = written.and_then(|written| stream(written, declared)) {
        let shape = if is_async { Shape::AsyncStream } else { Shape::Stream };
        return Returns { shape: shape(opening, wrapping), output };
    }
    if is_async {
        return Returns { shape: Shape::Async, output: written.cloned() };
    }
    match (written.and_then(deferred), declared) {
        (Some((_, wrapping, output)), _) => Returns { shape: Shape::Future(wrapping), output },
        (None, Some(_)) => Returns { shape: Shape::Future(alias_wrapping(written)), output: None },
        (None, None) => Returns { shape: Shape::Sync, output: written.cloned() },
    }
}

/// Reads a type that is a stream or a `Result` of one, by its form or because `declared` says so.
fn stream(written: &Type, declared: Option<Deferred>) -> Option<(Opening, Wrapping, Option<Type>)> {
    if let Some((found, wrapping, output)) = deferred(written) {
        return (found == Deferred::Stream).then_some((Opening::Infallible, wrapping, output));
    }
    let opened = last_segment(written).filter(|_| is_result(written)).and_then(|(_, list)| type_arguments(list).next());
    if let Some(opened) = opened.map(peel) {
        match deferred(opened) {
            Some((Deferred::Stream, wrapping, output)) => return Some((Opening::Fallible, wrapping, output)),
            None if declared == Some(Deferred::Stream) => {
                return Some((Opening::Fallible, alias_wrapping(Some(opened)), None));
            }
            _ => {}
        }
    }
    (declared == Some(Deferred::Stream)).then(|| (Opening::Infallible, alias_wrapping(Some(written)), None))
}

/// Returns the wrapping of a type whose form shows neither a future nor a stream: an alias is taken as pinned.
fn alias_wrapping(written: Option<&Type>) -> Wrapping {
    if matches!(written, Some(Type::ImplTrait(_))) { Wrapping::Bare } else { Wrapping::Pinned }
}

/// Reads a type whose form shows a future or a stream.
fn deferred(written: &Type) -> Option<(Deferred, Wrapping, Option<Type>)> {
    match written {
        Type::ImplTrait(bounds) => deferred_bound(bounds.bounds.iter(), Wrapping::Bare),
        Type::Path(_) => {
            let (name, arguments) = last_segment(written)?;
            let inner = type_arguments(arguments).last().map(peel);
            match name.as_str() {
                "Pin" => {
                    let (kind, _, output) = deferred_box(inner?)?;
                    Some((kind, Wrapping::Pinned, output))
                }
                "Box" => deferred_box(written),
                "BoxFuture" | "LocalBoxFuture" => Some((Deferred::Future, Wrapping::Pinned, inner.cloned())),
                "BoxStream" | "LocalBoxStream" => Some((Deferred::Stream, Wrapping::Pinned, inner.cloned())),
                _ => None,
            }
        }
        _ => None,
    }
}

fn deferred_box(written: &Type) -> Option<(Deferred, Wrapping, Option<Type>)> {
    let (name, arguments) = last_segment(written)?;
    match type_arguments(arguments).next().map(peel)? {
        Type::TraitObject(bounds) if name == "Box" => deferred_bound(bounds.bounds.iter(), Wrapping::Boxed),
        _ => None,
    }
}

/// Finds `Future<Output = T>` or `Stream<Item = T>` among bounds.
fn deferred_bound<'a>(
    bounds: impl Iterator<Item = &'a TypeParamBound>,
    wrapping: Wrapping,
) -> Option<(Deferred, Wrapping, Option<Type>)> {
    for bound in bounds {
        let TypeParamBound::Trait(bound) = bound else {
            continue;
        };
        let Some(segment) = bound.path.segments.last() else {
            continue;
        };
        let (kind, associated) = match segment.ident.to_string().as_str() {
            "Future" => (Deferred::Future, "Output"),
            "Stream" => (Deferred::Stream, "Item"),
            _ => continue,
        };
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
            return Some((kind, wrapping, None));
        };
        let output = arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(pair) if pair.ident == associated => Some(peel(&pair.ty).clone()),
            _ => None,
        });
        return Some((kind, wrapping, output));
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

/// Removes parentheses and the invisible groups of `macro_rules`.
pub(crate) fn peel(written: &Type) -> &Type {
    match written {
        Type::Paren(inner) => peel(&inner.elem),
        Type::Group(inner) => peel(&inner.elem),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;

    fn check(signature: &str, declared: Option<Deferred>, expected: &str) {
        let returns = read(&syn::parse_str(signature).expect("a signature"), declared);
        let shape = match returns.shape {
            Shape::Sync => "sync".to_owned(),
            Shape::Async => "async".to_owned(),
            Shape::Future(wrapping) => format!("{wrapping:?} future"),
            Shape::Stream(Opening::Infallible, wrapping) => format!("{wrapping:?} stream"),
            Shape::Stream(Opening::Fallible, wrapping) => format!("fallible {wrapping:?} stream"),
            Shape::AsyncStream(Opening::Infallible, wrapping) => format!("async {wrapping:?} stream"),
            Shape::AsyncStream(Opening::Fallible, wrapping) => format!("async fallible {wrapping:?} stream"),
        };
        let output = returns.output.map_or_else(|| "-".to_owned(), |output| output.to_token_stream().to_string());
        assert_eq!(format!("{shape} of {output}"), expected);
    }

    #[test]
    fn a_result_is_recognized_by_its_name_and_arguments() {
        let is_result = |signature| read(&syn::parse_str(signature).expect("a signature"), None).is_result();
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
        check("fn f() -> Reply", Some(Deferred::Future), "Pinned future of -");
        check("fn f() -> impl Reply", Some(Deferred::Stream), "Bare stream of -");
    }
}
