//! The closure that tells from an output how the call ended.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use crate::opaque::inferred;
use crate::plan::{Plan, Usage};
use crate::returns::Shape;
use crate::site;

/// The closure that tells from an output how the call ended.
pub(crate) fn end(plan: &Plan, private: &TokenStream) -> TokenStream {
    let mixed = Span::mixed_site();
    let is_result = plan.returns.is_result();
    let mut tells = tell(private);
    if let Some(ok_if) = &plan.ok_if {
        let reader = if is_result { "ok_of_result" } else { "ok_of" };
        tells.extend(told(private, "ok_if", reader, ok_if));
    }
    // Where a stream may fail to open, this may be about that error alone.
    let is_error_typed = is_result || !plan.returns.opens_fallibly();
    if let Some(error_type) = plan.error_type.as_ref().filter(|_| is_error_typed) {
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
        (Shape::Future(_) | Shape::Stream(..) | Shape::AsyncStream(..), Some(output)) => {
            let output = inferred(output);
            quote_spanned!(mixed=> : &#output)
        }
        _ => TokenStream::new(),
    };
    quote_spanned!(mixed=> move |out #written, end| { #tells })
}

/// The closure that tells how the call ended where its stream did not open.
pub(crate) fn end_of_opening(plan: &Plan, private: &TokenStream) -> TokenStream {
    let mut tells = tell(private);
    if let Some(error_type) = &plan.error_type {
        tells.extend(told(private, "error_type", "error_label", error_type));
    }
    quote_spanned!(Span::mixed_site()=> move |out, end| { #tells })
}

fn tell(private: &TokenStream) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> {
        use #private::Tell as _;
        (&&&&&&#private::Output(out)).tell(end);
    })
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
