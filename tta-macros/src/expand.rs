//! Expands a function by its checked plan. This stage cannot fail.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::token::Brace;
use syn::{AttrStyle, Attribute, ReturnType, Type};

use crate::function::Function;
use crate::guard_statement::{self, StepOf};
use crate::impl_trait::infer_impl_trait;
use crate::inputs::{self, Inputs};
use crate::move_parameters::{Moved, move_parameters};
use crate::peel::peel;
use crate::plan::Plan;
use crate::returns::{Opening, Shape, Wrapping};
use crate::tokens::located_at;
use crate::{call_site, desugar, outcome};

/// Replaces the function's body by one that is observed. `block_attributes` are those of the `impl` block around it.
pub(crate) fn expand(plan: &Plan, function: Function, block_attributes: &[Attribute]) -> TokenStream {
    let Function { mut attributes, prefix, mut signature, body } = function;
    let Some(body) = body else {
        return TokenStream::new();
    };
    // The body becomes an inner block, where its inner attributes would no longer apply to the parameters.
    attributes.extend(body.inner_attributes.iter().cloned().map(|mut attribute| {
        attribute.style = AttrStyle::Outer;
        attribute
    }));
    if needs_assignment(&signature) {
        attributes.push(syn::parse_quote!(#[allow(unused_assignments)]));
    }
    let private = call_site::private(plan);
    let output = signature.output.clone();
    let header = Header {
        start: signature.asyncness.map_or(signature.fn_token.span, |token| token.span),
        end: signature.paren_token.span.close(),
    };
    let desugared = matches!(plan.returns.shape, Shape::Async)
        && desugar::are_inert(block_attributes)
        && desugar::desugar(&mut signature, &attributes);
    let used = if desugared { TokenStream::new() } else { inputs::expressions(plan) };
    let is_async = desugared || signature.asyncness.is_some();
    let moved = move_parameters(&mut signature, is_async, &used);
    let observed =
        Observed { plan, private: &private, output: &output, moved, header, brace: body.brace, body: body.block() };
    let observed = if desugared {
        observed.desugared()
    } else {
        let begin = inputs::begin(plan, &private);
        let run = observed.by_shape();
        quote!(#begin #run)
    };
    let header_end = desugared.then(|| desugar::header_end(&signature)).flatten();
    let mut tokens = quote!(#(#attributes)* #prefix #signature #header_end);
    body.brace.surround(&mut tokens, |tokens| observed.to_tokens(tokens));
    tokens
}

/// Returns whether the function takes `mut self`.
///
/// Its closure captures `self`, and the compiler does not see that the drop of a captured value reads what was assigned.
fn needs_assignment(signature: &syn::Signature) -> bool {
    signature
        .receiver()
        .is_some_and(|receiver| receiver.mutability.is_some() && matches!(receiver.kind, syn::ReceiverKind::Value))
}

/// The places of the author's tokens at the start and the end of a signature.
struct Header {
    start: Span,
    end: Span,
}

/// A body to observe.
struct Observed<'a> {
    plan: &'a Plan,
    private: &'a TokenStream,
    output: &'a ReturnType,
    moved: Moved,
    header: Header,
    brace: Brace,
    body: TokenStream,
}

impl Observed<'_> {
    /// Returns the future of a desugared `async fn`. Its first poll begins the call.
    fn desugared(&self) -> TokenStream {
        let (mixed, private) = (Span::mixed_site(), self.private);
        let (future, end) = (self.future(&self.moved.rebind), outcome::reader(self.plan, private));
        // Without the written type, an error about a lifetime in the body would be shown at the attribute.
        let output = self.output_type();
        let site = call_site::reference(self.plan, private);
        match inputs::inputs(self.plan, private) {
            Inputs::Empty => quote_spanned!(mixed=> #private::call::<#output, _, _>(#site, #future, #end)),
            Inputs::Constant(inputs) => {
                quote_spanned!(mixed=> #private::call_with::<#output, _, _>(#site, &#inputs, #future, #end))
            }
            Inputs::Evaluated { values, attributes } => {
                // The inputs are dropped before the body runs, so that the future does not hold them.
                let begin = quote_spanned!(mixed=>
                    let begun = #private::begin_inside(#site, #values, #attributes); begun.await;
                );
                let rebind = &self.moved.rebind;
                let future = self.future(&quote!(#rebind #begin));
                let check = inputs::check_at_call(self.plan, private);
                quote_spanned!(mixed=> #check #private::call_inside::<#output, _, _>(#future, #end))
            }
        }
    }

    /// Returns the expression that runs the body, for a call that has begun.
    fn by_shape(&self) -> TokenStream {
        let (mixed, private, plan) = (Span::mixed_site(), self.private, self.plan);
        let (end, never) = (outcome::reader(plan, private), self.is_never());
        let (body, future) = (self.closure(), self.future(&self.moved.rebind));
        let entered = quote_spanned!(mixed=> let body = #private::enter(&mut __call, #body););
        match plan.returns.shape {
            Shape::Sync => quote_spanned!(mixed=> #private::sync(&mut __call, #body, #end)),
            Shape::Async => {
                let future = quote_spanned!(mixed=> #private::future(__call, #future, #end).await);
                if never { quote!(match #future {}) } else { future }
            }
            Shape::AsyncStream(opening, wrapping) => {
                let entered =
                    quote_spanned!(mixed=> let (__call, body) = #private::enter_future(__call, #future).await;);
                let observed = self.stream(opening, wrapping);
                quote!(#entered #observed)
            }
            Shape::Future(wrapping) => {
                let future = self.constructor("future");
                let observed = wrap(private, wrapping, &quote_spanned!(mixed=> #future(__call, body, #end)));
                quote!(#entered #observed)
            }
            Shape::Stream(opening, wrapping) => {
                let observed = self.stream(opening, wrapping);
                quote!(#entered #observed)
            }
            Shape::ByType => {
                quote_spanned!(mixed=> #entered #private::Returned::of(&body).observe(__call, body, #end))
            }
            Shape::ByTrait => {
                quote_spanned!(mixed=> #entered #private::ReturnedStream::of(&body).observe(__call, body, #end))
            }
        }
    }

    fn stream(&self, opening: Opening, wrapping: Wrapping) -> TokenStream {
        let (mixed, private) = (Span::mixed_site(), self.private);
        let end = outcome::reader(self.plan, private);
        let stream = self.constructor("stream");
        let stream = wrap(private, wrapping, &quote_spanned!(mixed=> #stream(__call, body, #end)));
        match opening {
            Opening::Infallible => stream,
            Opening::Fallible => {
                let end = outcome::reader_of_opening(self.plan, private);
                quote_spanned!(mixed=> match #private::opened(__call, body, #end) {
                    ::core::result::Result::Ok((__call, body)) => ::core::result::Result::Ok(#stream),
                    ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
                })
            }
        }
    }

    /// Returns the path of the function that runs a returned future or stream.
    ///
    /// Where the return type promises the output, it is held to it by its own type, and not by the expansion's.
    fn constructor(&self, kind: &str) -> TokenStream {
        let (mixed, private, returns) = (Span::mixed_site(), self.private, &self.plan.returns);
        match returns.output.as_ref().filter(|_| returns.is_promised) {
            Some(output) => {
                let function = format_ident!("{kind}_of", span = mixed);
                quote_spanned!(mixed=> #private::#function::<#output, _, _>)
            }
            None => {
                let function = format_ident!("{kind}", span = mixed);
                quote_spanned!(mixed=> #private::#function)
            }
        }
    }

    /// Returns the body as a closure without arguments.
    ///
    /// The parameters are arguments of a closure around the body, so that the compiler's errors call them arguments.
    fn closure(&self) -> TokenStream {
        let (mixed, private, body) = (Span::mixed_site(), self.private, &self.body);
        let arrow = match self.output {
            ReturnType::Default => TokenStream::new(),
            ReturnType::Type(_, written) if matches!(peel(written), Type::ImplTrait(_)) => TokenStream::new(),
            ReturnType::Type(arrow, _) => {
                let written = self.output_type();
                quote!(#arrow #written)
            }
        };
        let run = if self.moved.rebind.is_empty() && self.plan.loop_guard.is_none() && !arrow.is_empty() {
            body.clone()
        } else {
            let hint = if matches!(self.output, ReturnType::Default) { self.type_hint() } else { TokenStream::new() };
            let run = self.run();
            self.braced(&quote!(#hint #run))
        };
        let (names, patterns) = (&self.moved.names, &self.moved.patterns);
        // The closure spans the signature: errors about the function that a body belongs to underline that.
        let header = &self.header;
        let (open, close) = (quote_spanned!(header.start=> move |), quote_spanned!(header.end=> |));
        let closure = quote!(#open #(#patterns),* #close #arrow #run);
        if names.is_empty() {
            return closure;
        }
        let bind = format_ident!("bind_{}", names.len(), span = mixed);
        quote_spanned!(mixed=> #private::#bind(#(#names,)* #closure))
    }

    /// Returns the body as an async block, after `before`.
    fn future(&self, before: &TokenStream) -> TokenStream {
        let (hint, run) = (self.type_hint(), self.run_after(before));
        let start = quote_spanned!(self.header.start=> async move);
        let block = self.braced(&quote!(#hint #run));
        quote!(#start #block)
    }

    /// Returns a block in the place of the author's braces.
    ///
    /// A closure or an async block that lies outside the author's code would have no names in the compiler's errors.
    fn braced(&self, statements: &TokenStream) -> TokenStream {
        let mut block = TokenStream::new();
        self.brace.surround(&mut block, |block| statements.to_tokens(block));
        block
    }

    fn run(&self) -> TokenStream {
        self.run_after(&self.moved.rebind)
    }

    fn run_after(&self, before: &TokenStream) -> TokenStream {
        let (mixed, body) = (Span::mixed_site(), &self.body);
        if self.is_never() {
            return quote!(#before #body;);
        }
        // The braces have the edition of this crate, 2024, in which a block drops the temporaries of its last expression
        // when it ends. They are therefore dropped before the parameters, as a function does. The parentheses silence lints
        // about needless braces.
        let closure_type = &self.plan.closure_type;
        let guard = self.plan.loop_guard.as_ref().map(|guard| {
            let step_of = StepOf::call(self.plan.role, &self.plan.action);
            guard_statement::statement(guard, step_of, &self.plan.name, self.private)
        });
        quote_spanned!(mixed=> #before #guard { #closure_type (#body) })
    }

    /// Returns a statement that fixes the type of `return` and `?`: an async block has no place for a return type.
    fn type_hint(&self) -> TokenStream {
        let (mixed, private) = (Span::mixed_site(), self.private);
        let (at, written) = match self.output {
            ReturnType::Default => (self.header.end, quote_spanned!(mixed=> ())),
            ReturnType::Type(_, written) if self.is_never() => (written.span(), quote!(::core::convert::Infallible)),
            ReturnType::Type(_, written) => (written.span(), self.output_type()),
        };
        // The compiler shows this expression where it explains which type a function returns.
        let private = located_at(private.clone(), at.resolved_at(mixed));
        let output = quote_spanned!(at=> output::<#written>());
        quote_spanned!(mixed=> if false { return #private::#output; })
    }

    fn is_never(&self) -> bool {
        matches!(peel_output(self.output), Some(Type::Never(_)))
    }

    fn output_type(&self) -> TokenStream {
        match self.output {
            ReturnType::Type(_, written) => infer_impl_trait(written),
            ReturnType::Default => quote!(()),
        }
    }
}

fn wrap(private: &TokenStream, wrapping: Wrapping, observed: &TokenStream) -> TokenStream {
    match wrapping {
        Wrapping::Bare => observed.clone(),
        Wrapping::Boxed => quote!(#private::Box::new(#observed)),
        Wrapping::Pinned => quote!(#private::Box::pin(#observed)),
    }
}

fn peel_output(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, written) => Some(peel(written)),
    }
}
