//! The closure that reads a call's outcome from its output: success, error type and token usage.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use crate::impl_trait::infer_impl_trait;
use crate::plan::{Plan, Usage};
use crate::returns::Shape;
use crate::tokens::located_at;
use crate::vocabulary::Role;

/// Returns the closure that reads the outcome from the output.
pub(crate) fn reader(plan: &Plan, private: &TokenStream) -> TokenStream {
    let mixed = Span::mixed_site();
    let is_result = plan.returns.is_result();
    let mut statements = read_output(private);
    let ok_function = if is_result { "ok_of_result" } else { "ok_of" };
    if let Some(ok_if) = &plan.ok_if {
        statements.extend(read_with(private, "ok_if", ok_function, ok_if));
    }
    if let Some(outcome) = &plan.outcome {
        statements.extend(read_with(private, "outcome", "outcome_of", outcome));
    }
    // For a stream that may fail to open, the closures of errors can be about the error of opening alone.
    if is_result || !plan.returns.opens_fallibly() {
        statements.extend(read_error(plan, private));
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
        Usage::ClosureOfResult(usage) => statements.extend(read_with(private, "usage", "usage_of_with", usage)),
    }
    match &plan.content {
        Some(content) => {
            let read = applied(private, ok_function, content);
            statements.extend(quote_spanned!(mixed=> end.content(|| #read);));
        }
        None if plan.role == Role::Model && plan.returns.may_stream() => {
            statements.extend(quote_spanned!(mixed=> end.content(|| {
                use #private::TellContent as _;
                (&&&&#private::Output(out)).is_content()
            });));
        }
        None => {}
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
    statements.extend(read_error(plan, private));
    quote_spanned!(Span::mixed_site()=> move |out, end| { #statements })
}

/// Returns the statements that read an error through the author's closures.
fn read_error(plan: &Plan, private: &TokenStream) -> TokenStream {
    let mut statements = TokenStream::new();
    if let Some(timeout_if) = &plan.timeout_if {
        statements.extend(read_with(private, "timeout_if", "timeout_of", timeout_if));
    }
    if let Some(error_type) = &plan.error_type {
        statements.extend(read_with(private, "error_type", "error_label", error_type));
    }
    statements
}

/// Returns the statement that reads success or failure from the output's type.
fn read_output(private: &TokenStream) -> TokenStream {
    // `Tell` is implemented for several depths of references: method lookup takes the most specific one that applies.
    quote_spanned!(Span::mixed_site()=> {
        use #private::Tell as _;
        (&&&&&&&&&&&&#private::Output(out)).tell(end);
    })
}

/// Returns the statement that passes the output through the author's closure to a method of `End`.
fn read_with(private: &TokenStream, method: &str, function: &str, closure: &Expr) -> TokenStream {
    let method = format_ident!("{method}");
    let read = applied(private, function, closure);
    quote_spanned!(Span::mixed_site()=> end.#method(#read);)
}

/// Returns the call of a function of the runtime with the output and the author's closure.
fn applied(private: &TokenStream, function: &str, closure: &Expr) -> TokenStream {
    let at = closure.span().resolved_at(Span::mixed_site());
    let private = located_at(private.clone(), at);
    let function = Ident::new(function, at);
    quote_spanned!(at=> #private::#function(out, #closure))
}
