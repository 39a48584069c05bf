//! From a checked plan and its function to tokens; nothing can go wrong here.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{AttrStyle, Attribute, ReturnType, Type};

use crate::begin::{Inputs, begin, inputs, mentioned};
use crate::bindings::move_in;
use crate::end::{end, end_of_opening};
use crate::function::Function;
use crate::layers;
use crate::opaque::inferred;
use crate::plan::Plan;
use crate::returns::{Opening, Shape, Wrapping, peel};
use crate::site;

/// Puts the observed body in the place of the function's own; `around` are the attributes of the block that it is in.
pub(crate) fn expand(plan: &Plan, function: Function, around: &[Attribute]) -> TokenStream {
    let Function { mut attributes, prefix, mut signature, body } = function;
    let Some(body) = body else {
        return TokenStream::new();
    };
    // The body becomes an inner block, and an attribute within it is to hold for the parameters, too, as it did.
    attributes.extend(body.inner_attributes.iter().cloned().map(|mut attribute| {
        attribute.style = AttrStyle::Outer;
        attribute
    }));
    let private = site::private(plan);
    let output = signature.output.clone();
    let one_layer = matches!(plan.returns.shape, Shape::Async)
        && layers::are_inert(around)
        && layers::is_rewritten(&mut signature, &attributes);
    let rebind = if one_layer {
        move_in(&mut signature, true, &TokenStream::new())
    } else {
        let is_async = signature.asyncness.is_some();
        move_in(&mut signature, is_async, &mentioned(plan))
    };
    let observed = Observed { plan, private: &private, output: &output, rebind, body: body.block() };
    let observed = if one_layer {
        observed.in_one_layer()
    } else {
        let begin = begin(plan, &private);
        let run = observed.in_shape();
        quote_spanned!(Span::mixed_site()=> let call = #begin; #run)
    };
    // The compiler shows a function's head as far as its last token, which is to be one of the author's.
    let head_end = one_layer.then(|| layers::head_end(&signature)).flatten();
    let mut tokens = quote!(#(#attributes)* #prefix #signature #head_end);
    body.brace.surround(&mut tokens, |tokens| observed.to_tokens(tokens));
    tokens
}

/// A body to be observed to its end.
struct Observed<'a> {
    plan: &'a Plan,
    private: &'a TokenStream,
    output: &'a ReturnType,
    /// The statements that bind the parameters again.
    rebind: TokenStream,
    body: TokenStream,
}

impl Observed<'_> {
    /// The future of an `async fn` that was rewritten as a function: its first poll begins the call.
    fn in_one_layer(&self) -> TokenStream {
        let (mixed, private) = (Span::mixed_site(), self.private);
        let (hint, run, end) = (self.hint(), self.run(), end(self.plan, private));
        let site = site::site(self.plan, private);
        match inputs(self.plan, private) {
            Inputs::Absent => quote_spanned!(mixed=> #private::call(#site, async move { #hint #run }, #end)),
            Inputs::Constant(inputs) => {
                quote_spanned!(mixed=> #private::call_with(#site, &#inputs, async move { #hint #run }, #end))
            }
            Inputs::Read { values, attributes } => {
                // What is read is given up before the body goes on, so that the future need not hold it.
                let begin = quote_spanned!(mixed=>
                    let begun = #private::begin_inside(#site, #values, #attributes); begun.await;
                );
                let rebind = &self.rebind;
                let run = self.run_after(&quote!(#rebind #begin));
                quote_spanned!(mixed=> #private::call_inside(async move { #hint #run }, #end))
            }
        }
    }

    /// What is to be done with a call that has begun.
    fn in_shape(&self) -> TokenStream {
        let (mixed, private, plan) = (Span::mixed_site(), self.private, self.plan);
        let (run, end, never) = (self.run(), end(plan, private), self.is_never());
        let arrow = match peel_output(self.output) {
            None | Some(Type::ImplTrait(_)) => TokenStream::new(),
            Some(Type::Never(_)) => quote!(-> !),
            Some(_) => {
                let written = self.written();
                quote!(-> #written)
            }
        };
        let entered = quote_spanned!(mixed=> let (call, body) = #private::enter(call, move || #arrow { #run }););
        match plan.returns.shape {
            Shape::Sync => quote_spanned!(mixed=> #private::sync(call, move || #arrow { #run }, #end)),
            Shape::Async => {
                let hint = self.hint();
                let future = quote_spanned!(mixed=> #private::future(call, async move { #hint #run }, #end).await);
                if never { quote!(match #future {}) } else { future }
            }
            Shape::AsyncStream(opening, wrapping) => {
                let hint = self.hint();
                let entered = quote_spanned!(mixed=>
                    let (call, body) = #private::enter_future(call, async move { #hint #run }).await;
                );
                let observed = self.stream(opening, wrapping);
                quote!(#entered #observed)
            }
            Shape::Future(wrapping) => {
                let observed = wrap(wrapping, &quote_spanned!(mixed=> #private::future(call, body, #end)));
                quote!(#entered #observed)
            }
            Shape::Stream(opening, wrapping) => {
                let observed = self.stream(opening, wrapping);
                quote!(#entered #observed)
            }
        }
    }

    fn stream(&self, opening: Opening, wrapping: Wrapping) -> TokenStream {
        let (mixed, private) = (Span::mixed_site(), self.private);
        let end = end(self.plan, private);
        let stream = wrap(wrapping, &quote_spanned!(mixed=> #private::stream(call, body, #end)));
        match opening {
            Opening::Certain => stream,
            Opening::Fallible => {
                let end = end_of_opening(self.plan, private);
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
        let written = self.written();
        // The `let` ends the temporaries of the body's last expression before the parameters, as at a function's end.
        // What follows a body that never ends is not reached, which is no mistake of the author's; nor is it one that
        // such a body stands in a `let`, and clippy looks for that in blocks without a statement before their last
        // expression.
        quote_spanned!(Span::mixed_site()=>
            #before let out: #written = { (); #body }; #[allow(unreachable_code)] out
        )
    }

    /// Says which type `return` and `?` are about, since an async block has no return type to write.
    fn hint(&self) -> TokenStream {
        let Some(output) = peel_output(self.output) else {
            return TokenStream::new();
        };
        let at = output.span().resolved_at(Span::mixed_site());
        let private = site::located(self.private.clone(), at);
        let written = if self.is_never() { quote!(::core::convert::Infallible) } else { self.written() };
        quote_spanned!(at=>
            if false { return #private::output::<#written>(); }
        )
    }

    fn is_never(&self) -> bool {
        matches!(peel_output(self.output), Some(Type::Never(_)))
    }

    fn written(&self) -> TokenStream {
        match self.output {
            ReturnType::Type(_, written) => inferred(written),
            ReturnType::Default => quote!(()),
        }
    }
}

fn wrap(wrapping: Wrapping, observed: &TokenStream) -> TokenStream {
    match wrapping {
        Wrapping::Bare => observed.clone(),
        Wrapping::Boxed => quote!(::std::boxed::Box::new(#observed)),
        Wrapping::Pinned => quote!(::std::boxed::Box::pin(#observed)),
    }
}

fn peel_output(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, written) => Some(peel(written)),
    }
}
