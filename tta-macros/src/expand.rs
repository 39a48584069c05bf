//! Expands a function by its checked plan. This stage cannot fail.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{AttrStyle, Attribute, ReturnType, Type};

use crate::function::Function;
use crate::impl_trait::infer_impl_trait;
use crate::inputs::{self, Inputs};
use crate::move_parameters::move_parameters;
use crate::plan::Plan;
use crate::returns::{Opening, Shape, Wrapping, peel};
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
    let desugared = matches!(plan.returns.shape, Shape::Async)
        && desugar::are_inert(block_attributes)
        && desugar::desugar(&mut signature, &attributes);
    let rebind = if desugared {
        move_parameters(&mut signature, true, &TokenStream::new())
    } else {
        let is_async = signature.asyncness.is_some();
        move_parameters(&mut signature, is_async, &inputs::expressions(plan))
    };
    let observed = Observed { plan, private: &private, output: &output, rebind, body: body.block() };
    let observed = if desugared {
        observed.desugared()
    } else {
        let begin = inputs::begin(plan, &private);
        let run = observed.by_shape();
        quote_spanned!(Span::mixed_site()=> let call = #begin; #run)
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

/// A body to observe.
struct Observed<'a> {
    plan: &'a Plan,
    private: &'a TokenStream,
    output: &'a ReturnType,
    /// The statements that bind the parameters inside the body.
    rebind: TokenStream,
    body: TokenStream,
}

impl Observed<'_> {
    /// Returns the future of a desugared `async fn`. Its first poll begins the call.
    fn desugared(&self) -> TokenStream {
        let (mixed, private) = (Span::mixed_site(), self.private);
        let (hint, run, end) = (self.type_hint(), self.run(), outcome::reader(self.plan, private));
        let site = call_site::reference(self.plan, private);
        match inputs::inputs(self.plan, private) {
            Inputs::Empty => quote_spanned!(mixed=> #private::call(#site, async move { #hint #run }, #end)),
            Inputs::Constant(inputs) => {
                quote_spanned!(mixed=> #private::call_with(#site, &#inputs, async move { #hint #run }, #end))
            }
            Inputs::Evaluated { values, attributes } => {
                // The inputs are dropped before the body runs, so that the future does not hold them.
                let begin = quote_spanned!(mixed=>
                    let begun = #private::begin_inside(#site, #values, #attributes); begun.await;
                );
                let rebind = &self.rebind;
                let run = self.run_after(&quote!(#rebind #begin));
                let check = inputs::check_at_call(self.plan, private);
                quote_spanned!(mixed=> #check #private::call_inside(async move { #hint #run }, #end))
            }
        }
    }

    /// Returns the expression that runs the body, for a call that has begun.
    fn by_shape(&self) -> TokenStream {
        let (mixed, private, plan) = (Span::mixed_site(), self.private, self.plan);
        let (run, end, never) = (self.run(), outcome::reader(plan, private), self.is_never());
        let arrow = match peel_output(self.output) {
            None => quote!(-> ()),
            Some(Type::ImplTrait(_)) => TokenStream::new(),
            Some(Type::Never(_)) => quote!(-> !),
            Some(_) => {
                let written = self.output_type();
                quote!(-> #written)
            }
        };
        let entered = quote_spanned!(mixed=> let (call, body) = #private::enter(call, move || #arrow { #run }););
        match plan.returns.shape {
            Shape::Sync => quote_spanned!(mixed=> #private::sync(call, move || #arrow { #run }, #end)),
            Shape::Async => {
                let hint = self.type_hint();
                let future = quote_spanned!(mixed=> #private::future(call, async move { #hint #run }, #end).await);
                if never { quote!(match #future {}) } else { future }
            }
            Shape::AsyncStream(opening, wrapping) => {
                let hint = self.type_hint();
                let entered = quote_spanned!(mixed=>
                    let (call, body) = #private::enter_future(call, async move { #hint #run }).await;
                );
                let observed = self.stream(opening, wrapping);
                quote!(#entered #observed)
            }
            Shape::Future(wrapping) => {
                let observed = wrap(private, wrapping, &quote_spanned!(mixed=> #private::future(call, body, #end)));
                quote!(#entered #observed)
            }
            Shape::Stream(opening, wrapping) => {
                let observed = self.stream(opening, wrapping);
                quote!(#entered #observed)
            }
            Shape::ByType => {
                quote_spanned!(mixed=> #entered #private::Returned::of(&body).observe(call, body, #end))
            }
            Shape::ByTrait => {
                quote_spanned!(mixed=> #entered #private::ReturnedStream::of(&body).observe(call, body, #end))
            }
        }
    }

    fn stream(&self, opening: Opening, wrapping: Wrapping) -> TokenStream {
        let (mixed, private) = (Span::mixed_site(), self.private);
        let end = outcome::reader(self.plan, private);
        let stream = wrap(private, wrapping, &quote_spanned!(mixed=> #private::stream(call, body, #end)));
        match opening {
            Opening::Infallible => stream,
            Opening::Fallible => {
                let end = outcome::reader_of_opening(self.plan, private);
                quote_spanned!(mixed=> match #private::opened(call, body, #end) {
                    ::core::result::Result::Ok((call, body)) => ::core::result::Result::Ok(#stream),
                    ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
                })
            }
        }
    }

    fn run(&self) -> TokenStream {
        self.run_after(&self.rebind)
    }

    fn run_after(&self, before: &TokenStream) -> TokenStream {
        let body = &self.body;
        if self.is_never() {
            return quote!(#before #body;);
        }
        // These braces have the edition of this crate, 2024, in which the temporaries of a block's last expression are
        // dropped before the block's variables, as those of a function's are before its parameters.
        match &self.plan.closure_type {
            Some(identity) => quote_spanned!(Span::mixed_site()=> #before #identity(#body)),
            None => quote_spanned!(Span::mixed_site()=> #before #body),
        }
    }

    /// Returns a statement that fixes the type of `return` and `?`: an async block has no place for a return type.
    fn type_hint(&self) -> TokenStream {
        let Some(output) = peel_output(self.output) else {
            return quote_spanned!(Span::mixed_site()=> if false { return; });
        };
        let at = output.span().resolved_at(Span::mixed_site());
        let private = located_at(self.private.clone(), at);
        let written = if self.is_never() { quote!(::core::convert::Infallible) } else { self.output_type() };
        quote_spanned!(at=>
            if false { return #private::output::<#written>(); }
        )
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
