//! The key `attributes`: span attributes, whose values are unbounded and never reach a metric.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, ExprReference, LitStr, Token};

use crate::args::{Entry, Name};
use crate::errors::Errors;
use crate::pairs;

/// A span attribute.
pub(crate) struct SpanAttribute {
    pub(crate) name: LitStr,
    pub(crate) value: TokenStream,
}

/// Reads `attributes(…)`.
pub(crate) fn read(entry: &Entry, errors: &mut Errors) -> Vec<SpanAttribute> {
    let mut attributes: Vec<SpanAttribute> = Vec::new();
    for (name, value) in pairs::read(entry, errors) {
        let text = name.value();
        let wrong = match name {
            Name::Ident(_) => Some(format!("an attribute name must be a string; write `\"{text}\" = …`")),
            Name::Text(_) if text.is_empty() || text.contains(|letter: char| letter.is_control() || letter == ' ') => {
                Some("an attribute name must not be empty or contain spaces or control characters; write one such as `\"document.pages\"`".to_owned())
            }
            Name::Text(_) if attributes.iter().any(|other| other.name.value() == text) => {
                Some(format!("the attribute `{text}` is given twice; remove one"))
            }
            Name::Text(_) => None,
        };
        match (name, wrong) {
            (Name::Text(name), None) => {
                attributes.push(SpanAttribute { name: name.clone(), value: borrowed(value) });
            }
            (_, wrong) => errors.at(name, wrong.unwrap_or_default()),
        }
    }
    attributes
}

/// Returns a reference to the value, since the body may still need to own it.
fn borrowed(value: &Expr) -> TokenStream {
    // Printing this node adds the parentheses that the value needs behind the `&`.
    let (and_token, expr) = (Token![&](value.span()), Box::new(value.clone()));
    ExprReference { attrs: Vec::new(), and_token, mutability: None, expr }.into_token_stream()
}
