//! What a call begins with: its site alone, inputs that are always the same, or inputs read from its parameters.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::plan::Plan;
use crate::site;
use crate::text::Text;

/// What a call brings besides its site.
pub(crate) enum Inputs {
    Absent,
    /// Tokens of a constant.
    Constant(TokenStream),
    /// The values of labels and of the model, and a closure that sets the span's attributes.
    Read {
        values: TokenStream,
        attributes: TokenStream,
    },
}

/// Returns what the function's calls bring.
pub(crate) fn inputs(plan: &Plan, private: &TokenStream) -> Inputs {
    let models = [&plan.provider, &plan.model, &plan.tier];
    let has_model = models.iter().any(|text| text.is_some());
    if plan.labels.is_empty() && plan.attributes.is_empty() && !has_model {
        return Inputs::Absent;
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
    let values = quote!(#private::Inputs { labels: #labels, model: #model });
    if plan.attributes.is_empty() && texts(plan).all(|text| matches!(text, Text::Literal(_))) {
        return Inputs::Constant(values);
    }
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
    Inputs::Read { values, attributes }
}

/// Returns the start of a call before its body.
pub(crate) fn begin(plan: &Plan, private: &TokenStream) -> TokenStream {
    let site = site::site(plan, private);
    match inputs(plan, private) {
        Inputs::Absent => quote!(#private::begin(#site)),
        Inputs::Constant(values) => quote!(#private::begin_with(#site, #values, |_| {})),
        Inputs::Read { values, attributes } => quote!(#private::begin_with(#site, #values, #attributes)),
    }
}

/// Returns the expressions that run before the body.
pub(crate) fn mentioned(plan: &Plan) -> TokenStream {
    let mut mentioned = TokenStream::new();
    for text in texts(plan) {
        if let Text::Closed(value, _) | Text::Capped(value) = text {
            value.to_tokens(&mut mentioned);
        }
    }
    for attribute in &plan.attributes {
        mentioned.extend(attribute.value.clone());
    }
    mentioned
}

fn texts(plan: &Plan) -> impl Iterator<Item = &Text> {
    let models = [&plan.provider, &plan.model, &plan.tier].into_iter().flatten();
    plan.labels.iter().map(|label| &label.value).chain(models)
}
