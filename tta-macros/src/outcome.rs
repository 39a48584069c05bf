//! The closure that reads a call's outcome from its output: success, error type and token usage.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use crate::impl_trait::infer_impl_trait;
use crate::plan::{Plan, Usage};
use crate::returns::Shape;
use crate::tokens::located_at;

/// Returns the closure that reads the outcome from the output.
pub(crate) fn reader(plan: &Plan, private: &TokenStream) -> TokenStream {
    let mixed = Span::mixed_site();
    let is_result = plan.returns.is_result();
    let mut statements = read_output(private);
    if let Some(ok_if) = &plan.ok_if {
        let function = if is_result { "ok_of_result" } else { "ok_of" };
        statements.extend(read_with(private, "ok_if", function, ok_if));
    }
    // For a stream that may fail to open, `error_type` can be about the error of opening alone.
    let items_have_errors = is_result || !plan.returns.opens_fallibly();
    if let Some(error_type) = plan.error_type.as_ref().filter(|_| items_have_errors) {
        statements.extend(read_with(private, "error_type", "error_label", error_type));
    }
    match &plan.usage {
        Usage::Unread => {}
        Usage::Output => {
            let at = plan.returns.output.as_ref().map_or_else(Span::call_site, Spanned::span);
            let out = quote_spanned!(at.resolved_at(mixed)=> out);
            statements.extend(quote_spanned!(mixed=> end.usage(#private::usage_of(#out));));
        }
        Usage::Closure(usage) => {
            let function = if is_result { "usage_of_result_with" } else { "usage_of_with" };
            statements.extend(read_with(private, "usage", function, usage));
        }
    }
    // The signature names the output of a future or stream; the body alone may not determine it.
    let out_type = match (&plan.returns.shape, &plan.returns.alias, &plan.returns.output) {
        (Shape::Future(_), Some(alias), _) => {
            let alias = infer_impl_trait(alias);
            quote_spanned!(mixed=> : &<#alias as ::core::future::Future>::Output)
        }
        (Shape::Stream(..) | Shape::AsyncStream(..), Some(alias), _) => {
            let alias = infer_impl_trait(alias);
            quote_spanned!(mixed=> : &<#alias as #private::Stream>::Item)
        }
        (Shape::Future(_) | Shape::Stream(..) | Shape::AsyncStream(..), None, Some(output))
            if !plan.returns.is_promised =>
        {
            let output = infer_impl_trait(output);
            quote_spanned!(mixed=> : &#output)
        }
        _ => TokenStream::new(),
    };
    quote_spanned!(mixed=> move |out #out_type, end| { #statements })
}

/// Returns the closure that reads the outcome of a call whose stream did not open.
pub(crate) fn reader_of_opening(plan: &Plan, private: &TokenStream) -> TokenStream {
    let mut statements = read_output(private);
    if let Some(error_type) = &plan.error_type {
        statements.extend(read_with(private, "error_type", "error_label", error_type));
    }
    quote_spanned!(Span::mixed_site()=> move |out, end| { #statements })
}

/// Returns the statement that reads success or failure from the output's type.
fn read_output(private: &TokenStream) -> TokenStream {
    // `Tell` is implemented for several depths of references: method lookup takes the most specific one that applies.
    quote_spanned!(Span::mixed_site()=> {
        use #private::Tell as _;
        (&&&&&&#private::Output(out)).tell(end);
    })
}

/// Returns the statement that passes the output through the author's closure to a method of `End`.
fn read_with(private: &TokenStream, method: &str, function: &str, closure: &Expr) -> TokenStream {
    let method = format_ident!("{method}");
    let mixed = Span::mixed_site();
    let at = closure.span().resolved_at(mixed);
    let private = located_at(private.clone(), at);
    let function = Ident::new(function, at);
    let read = quote_spanned!(at=> #private::#function(out, #closure));
    quote_spanned!(mixed=> end.#method(#read);)
}
