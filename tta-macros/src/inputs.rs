//! The inputs of a call: label values, the model, and span attributes, evaluated before the body runs.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ExprReference, Token};

use crate::bounded_text::BoundedText;
use crate::call_site::{self, option};
use crate::parameters::Nameable;
use crate::plan::Plan;
use crate::tokens::located_at;

/// The tokens of a call's inputs.
pub(crate) enum Inputs {
    /// The call needs nothing but its call site.
    Empty,
    /// The same for every call: a constant expression.
    Constant(TokenStream),
    /// Evaluated for each call.
    Evaluated {
        /// The values of the labels and of the model.
        values: TokenStream,
        /// A closure that sets the span's attributes.
        attributes: TokenStream,
    },
}

/// Returns the inputs of the function's calls.
pub(crate) fn inputs(plan: &Plan, private: &TokenStream) -> Inputs {
    let models = [&plan.provider, &plan.model, &plan.tier];
    let has_model = models.iter().any(|text| text.is_some());
    let has_attributes = !plan.attributes.is_empty() || plan.request.is_some();
    if plan.labels.is_empty() && !has_attributes && !has_model {
        return Inputs::Empty;
    }
    let labels = label_values(plan, private);
    let model = if has_model {
        let [provider, model, tier] =
            [("provider", models[0]), ("model", models[1]), ("tier", models[2])].map(|(name, text)| {
                let name = Literal::string(name).into_token_stream();
                option(text.as_ref().map(|text| label_value(private, &name, text)))
            });
        quote!(#private::ModelInputs { provider: #provider, model: #model, tier: #tier })
    } else {
        quote!(#private::ModelInputs::NONE)
    };
    let values = quote!(#private::Inputs { labels: #labels, model: #model });
    if !has_attributes && texts(plan).all(|text| matches!(text, BoundedText::Literal(_))) {
        return Inputs::Constant(values);
    }
    let attributes = if has_attributes {
        let mixed = Span::mixed_site();
        let set = plan.attributes.iter().map(|attribute| {
            let (name, value) = (&attribute.name, &attribute.value);
            quote_spanned!(mixed=> attributes.set(#name, #value);)
        });
        let request = plan.request.iter().map(|request| {
            let at = request.span().resolved_at(mixed);
            let request = borrowed(request);
            quote_spanned!(at=> attributes.request(#request);)
        });
        quote_spanned!(mixed=> |attributes| { #(#set)* #(#request)* })
    } else {
        quote!(|_| {})
    };
    Inputs::Evaluated { values, attributes }
}

/// Returns the statements that begin a call, as the variable `__call`: no parameter has this name.
pub(crate) fn begin(plan: &Plan, private: &TokenStream) -> TokenStream {
    let mixed = Span::mixed_site();
    let site = call_site::reference(plan, private);
    let begin = match inputs(plan, private) {
        Inputs::Empty => quote_spanned!(mixed=> #private::begin(&mut __call, #site)),
        Inputs::Constant(values) => quote_spanned!(mixed=> #private::begin_with(&mut __call, #site, &#values, |_| {})),
        Inputs::Evaluated { values, attributes } => {
            quote_spanned!(mixed=> #private::begin_with(&mut __call, #site, &#values, #attributes))
        }
    };
    quote_spanned!(mixed=> let mut __call = #private::Call::UNOBSERVED; #begin;)
}

/// Returns the author's expressions that are evaluated before the body.
pub(crate) fn expressions(plan: &Plan) -> TokenStream {
    let mut expressions = TokenStream::new();
    for text in texts(plan) {
        if let BoundedText::Closed(value, _) | BoundedText::Capped(value) | BoundedText::Top(_, value) = text {
            value.to_tokens(&mut expressions);
        }
    }
    plan.request.to_tokens(&mut expressions);
    for attribute in &plan.attributes {
        expressions.extend(attribute.value.clone());
    }
    expressions
}

fn texts(plan: &Plan) -> impl Iterator<Item = &BoundedText> {
    let models = [&plan.provider, &plan.model, &plan.tier].into_iter().flatten();
    plan.labels.iter().map(|label| &label.value).chain(models)
}

/// Returns the values of the labels, in the order of their definitions.
fn label_values(plan: &Plan, private: &TokenStream) -> TokenStream {
    if !has_open_label(plan) {
        let values = plan.labels.iter().map(|label| label_value(private, &label.name.to_token_stream(), &label.value));
        return quote!(&[#(#values),*]);
    }
    // At least one type does not stand in the signature. `labels` takes all closed values at once, so that the types'
    // cardinalities are multiplied and checked where the compiler knows them.
    let mixed = Span::mixed_site();
    let mut at = mixed;
    let mut capped = 0_u32;
    let mut closed = Vec::new();
    let mut values = Vec::new();
    for label in &plan.labels {
        match &label.value {
            BoundedText::Closed(value, nameable) => {
                if is_open(nameable.as_deref()) {
                    at = value.span().resolved_at(mixed);
                }
                let index = Literal::usize_unsuffixed(closed.len());
                values.push(quote_spanned!(mixed=> closed[#index]));
                closed.push(borrowed(value));
            }
            BoundedText::Capped(_) | BoundedText::Top(..) => {
                capped += 1;
                values.push(label_value(private, &label.name.to_token_stream(), &label.value));
            }
            BoundedText::Literal(value) => values.push(value.to_token_stream()),
        }
    }
    let capped = Literal::u32_unsuffixed(capped);
    let private = located_at(call_site::private(plan), at);
    quote_spanned!(at=> &match #private::labels::<#capped, _, _>((#(#closed,)*)) { closed => [#(#values),*] })
}

/// Returns a statement that checks the number of series where the function is called.
///
/// The values are read by the first poll. A future that is dropped unpolled would leave them unchecked.
pub(crate) fn check_at_call(plan: &Plan, private: &TokenStream) -> TokenStream {
    if !has_open_label(plan) {
        return TokenStream::new();
    }
    let values = label_values(plan, private);
    quote_spanned!(Span::mixed_site()=> if false { let _ = #values; })
}

/// Returns whether the type of a label is known only when the compiler generates code for the function.
fn has_open_label(plan: &Plan) -> bool {
    plan.labels.iter().any(|label| match &label.value {
        BoundedText::Closed(_, nameable) => is_open(nameable.as_deref()),
        BoundedText::Literal(_) | BoundedText::Capped(_) | BoundedText::Top(..) => false,
    })
}

/// Returns whether a type does not stand in the signature, or may be generic.
fn is_open(nameable: Option<&Nameable>) -> bool {
    nameable.is_none_or(|nameable| !nameable.maybe_generic.is_empty())
}

/// Returns the expression of one label's value.
fn label_value(private: &TokenStream, name: &TokenStream, value: &BoundedText) -> TokenStream {
    match value {
        BoundedText::Literal(value) => value.to_token_stream(),
        BoundedText::Closed(value, _) => {
            let value = borrowed(value);
            quote!(#private::closed(#value))
        }
        BoundedText::Capped(value) => {
            let value = borrowed(value);
            quote!(#private::capped(#name, #value))
        }
        BoundedText::Top(size, value) => {
            let value = borrowed(value);
            quote!(#private::top(#name, #size, #value))
        }
    }
}

/// Returns a reference to the author's expression, with the expression's span, so that errors are shown there.
pub(crate) fn borrowed(value: &syn::Expr) -> TokenStream {
    let at = value.span().resolved_at(Span::mixed_site());
    // Printing adds the parentheses that an operator needs.
    let reference =
        ExprReference { attrs: Vec::new(), and_token: Token![&](at), mutability: None, expr: Box::new(value.clone()) };
    reference.into_token_stream()
}
