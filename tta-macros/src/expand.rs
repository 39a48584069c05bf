//! From a checked plan and its function to tokens; nothing can go wrong here.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{AttrStyle, Expr, ReturnType, Signature, Type};

use crate::bindings::move_in;
use crate::function::Function;
use crate::parameters;
use crate::plan::{Plan, Usage};
use crate::returns::{Shape, Wrapping, peel};
use crate::site;
use crate::text::Text;

/// Puts the observed body in the place of the function's own.
pub(crate) fn expand(plan: &Plan, function: Function) -> TokenStream {
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
    let begin = begin(plan, &private);
    let rebind = move_in(&mut signature, &mentioned(plan));
    let observed = observe(plan, &private, &signature, &rebind, &body.block());
    let mut tokens = quote!(#(#attributes)* #prefix #signature);
    let call = quote_spanned!(Span::mixed_site()=> let call = #begin; #observed);
    body.brace.surround(&mut tokens, |tokens| call.to_tokens(tokens));
    tokens
}

/// The expressions that run before the body.
fn mentioned(plan: &Plan) -> TokenStream {
    let mut mentioned = TokenStream::new();
    let texts = [&plan.provider, &plan.model, &plan.tier].into_iter().flatten();
    for text in plan.labels.iter().map(|label| &label.value).chain(texts) {
        if let Text::Closed(value, _) | Text::Capped(value) = text {
            value.to_tokens(&mut mentioned);
        }
    }
    for attribute in &plan.attributes {
        mentioned.extend(attribute.value.clone());
    }
    mentioned
}

/// The start of the call.
fn begin(plan: &Plan, private: &TokenStream) -> TokenStream {
    let site = site::site(plan, private);
    let models = [&plan.provider, &plan.model, &plan.tier];
    let has_model = models.iter().any(|text| text.is_some());
    if plan.labels.is_empty() && plan.attributes.is_empty() && !has_model {
        return quote!(#private::begin(#site));
    }
    let labels = site::label_values(plan, private);
    let model = if has_model {
        let [provider, model, tier] =
            [("provider", models[0]), ("model", models[1]), ("tier", models[2])].map(|(name, text)| {
                let name = Literal::string(name).into_token_stream();
                site::option(text.as_ref().map(|text| site::text(private, &name, text)))
            });
        quote!(#private::ModelInputs { provider: #provider, model: #model, tier: #tier })
    } else {
        quote!(#private::ModelInputs::NONE)
    };
    let attributes = if plan.attributes.is_empty() {
        quote!(|_| {})
    } else {
        let mixed = Span::mixed_site();
        let set = plan.attributes.iter().map(|attribute| {
            let (name, value) = (&attribute.name, &attribute.value);
            quote_spanned!(mixed=> attributes.set(#name, #value);)
        });
        quote_spanned!(mixed=> |attributes| { #(#set)* })
    };
    quote!(#private::begin_with(#site, #private::Inputs { labels: #labels, model: #model }, #attributes))
}

/// The body, observed to its end.
fn observe(
    plan: &Plan,
    private: &TokenStream,
    signature: &Signature,
    rebind: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let mixed = Span::mixed_site();
    let end = end(plan, private);
    let never = matches!(&signature.output, ReturnType::Type(_, written) if matches!(peel(written), Type::Never(_)));
    let written = match &signature.output {
        ReturnType::Type(_, written) => inferred(written),
        ReturnType::Default => quote!(()),
    };
    // The `let` ends the temporaries of the body's last expression before the parameters, as at a function's end.
    // What follows a body that never ends is not reached, which is no mistake of the author's; nor is it one that such
    // a body stands in a `let`, and clippy looks for that in blocks without a statement before their last expression.
    let run = if never {
        quote!(#rebind #body;)
    } else {
        quote_spanned!(mixed=> #rebind let out: #written = { (); #body }; #[allow(unreachable_code)] out)
    };
    let arrow = match peel_output(&signature.output) {
        None | Some(Type::ImplTrait(_)) => TokenStream::new(),
        Some(Type::Never(_)) => quote!(-> !),
        Some(_) => quote!(-> #written),
    };
    match &plan.returns.shape {
        Shape::Sync => quote_spanned!(mixed=> #private::sync(call, move || #arrow { #run }, #end)),
        Shape::Async => {
            let written = if never { quote!(::core::convert::Infallible) } else { written };
            let hint = hint(signature, &written);
            let future = quote_spanned!(mixed=> #private::future(call, async move { #hint #run }, #end).await);
            if never { quote!(match #future {}) } else { future }
        }
        Shape::AsyncStream(wrapping) => {
            let hint = hint(signature, &written);
            let enter = quote_spanned!(mixed=>
                let (call, body) = #private::enter_future(call, async move { #hint #run }).await;
            );
            let observed = wrap(*wrapping, &quote_spanned!(mixed=> #private::stream(call, body, #end)));
            quote!(#enter #observed)
        }
        Shape::Future(wrapping) => {
            let enter = quote_spanned!(mixed=>
                let (call, body) = #private::enter(call, move || #arrow { #run });
            );
            let observed = wrap(*wrapping, &quote_spanned!(mixed=> #private::future(call, body, #end)));
            quote!(#enter #observed)
        }
        Shape::Stream(wrapping) => {
            let enter = quote_spanned!(mixed=>
                let (call, body) = #private::enter(call, move || #arrow { #run });
            );
            let observed = wrap(*wrapping, &quote_spanned!(mixed=> #private::stream(call, body, #end)));
            quote!(#enter #observed)
        }
    }
}

/// Says which type `return` and `?` are about, since an async block has no return type to write.
fn hint(signature: &Signature, written: &TokenStream) -> TokenStream {
    let Some(output) = peel_output(&signature.output) else {
        return TokenStream::new();
    };
    quote_spanned!(output.span().resolved_at(Span::mixed_site())=>
        if let ::core::option::Option::Some(out) = ::core::option::Option::None::<#written> { return out; }
    )
}

fn wrap(wrapping: Wrapping, observed: &TokenStream) -> TokenStream {
    match wrapping {
        Wrapping::Bare => observed.clone(),
        Wrapping::Boxed => quote!(::std::boxed::Box::new(#observed)),
        Wrapping::Pinned => quote!(::std::boxed::Box::pin(#observed)),
    }
}

/// The closure that tells from an output how the call ended.
fn end(plan: &Plan, private: &TokenStream) -> TokenStream {
    let mixed = Span::mixed_site();
    let is_result = plan.returns.is_result();
    let mut tells = quote_spanned!(mixed=> {
        use #private::{AnyOutput as _, DisplayOutput as _, ErrorOutput as _, HeldErrorOutput as _, ResultOutput as _, SentErrorOutput as _};
        (&&&&&&#private::Output(out)).tell(end);
    });
    if let Some(ok_if) = &plan.ok_if {
        let reader = if is_result { "ok_of_result" } else { "ok_of" };
        tells.extend(told(private, "ok_if", reader, ok_if));
    }
    if let Some(error_type) = &plan.error_type {
        tells.extend(told(private, "error_type", "error_label", error_type));
    }
    match &plan.usage {
        Usage::Unread => {}
        Usage::Output => {
            let at = plan.returns.output.as_ref().map_or_else(Span::call_site, Spanned::span);
            let out = quote_spanned!(at.resolved_at(mixed)=> out);
            tells.extend(quote_spanned!(mixed=> end.usage(#private::usage_of(#out));));
        }
        Usage::Closure(usage) => {
            let reader = if is_result { "usage_of_result_with" } else { "usage_of_with" };
            tells.extend(told(private, "usage", reader, usage));
        }
    }
    // What a future or a stream gives is known from the signature, and not always from the body.
    let written = match (&plan.returns.shape, &plan.returns.output) {
        (Shape::Future(_) | Shape::Stream(_) | Shape::AsyncStream(_), Some(output)) => {
            let output = inferred(output);
            quote_spanned!(mixed=> : &#output)
        }
        _ => TokenStream::new(),
    };
    quote_spanned!(mixed=> |out #written, end| { #tells })
}

fn told(private: &TokenStream, what: &str, reader: &str, closure: &Expr) -> TokenStream {
    let what = format_ident!("{what}");
    let mixed = Span::mixed_site();
    let at = closure.span().resolved_at(mixed);
    let private = site::located(private.clone(), at);
    let reader = proc_macro2::Ident::new(reader, at);
    let read = quote_spanned!(at=> #private::#reader(out, #closure));
    quote_spanned!(mixed=> end.#what(#read);)
}

fn peel_output(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, written) => Some(peel(written)),
    }
}

/// Returns a type with `_` for each `impl Trait`, which can only be written in signatures.
fn inferred(written: &Type) -> TokenStream {
    if matches!(peel(written), Type::ImplTrait(_)) {
        return quote!(_);
    }
    let mut has_impl = false;
    parameters::each_token(written.to_token_stream(), &mut |token| {
        has_impl |= matches!(token, proc_macro2::TokenTree::Ident(word) if word == "impl");
    });
    if !has_impl {
        return written.to_token_stream();
    }
    let mut written = written.clone();
    crate::opaque::replace(&mut written);
    written.into_token_stream()
}
