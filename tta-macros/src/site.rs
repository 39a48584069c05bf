//! The constants of one call site, and the values that one call brings for them.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::buckets::Buckets;
use crate::labels::Label;
use crate::link;
use crate::parameters::Nameable;
use crate::plan::Plan;
use crate::slo::Slo;
use crate::text::Text;

/// The path of the module whose names expanded code uses.
pub(crate) fn private(plan: &Plan) -> TokenStream {
    let runtime = plan.runtime.as_ref().map_or_else(|| quote!(::tta_runtime), ToTokens::to_token_stream);
    quote!(#runtime::__private)
}

/// A block whose value is a reference to the call site, and which keeps the names of its items from the body.
pub(crate) fn site(plan: &Plan, private: &TokenStream) -> TokenStream {
    let role = format_ident!("{}", plan.role.variant());
    let Plan { type_name, action, name, .. } = plan;
    let span_name = format!("primitive.{type_name}.{action}");
    let function = format!("::{}", plan.function);
    let own_name = Literal::usize_unsuffixed(function.len());
    // The block has many of its names, and a short one for their module keeps the expansion small.
    let long = private;
    let private = &quote!(__tta);
    let labels = labels(plan, private);
    let buckets = buckets(&plan.buckets, private);
    let slo = slo(&plan.slo, private);
    let limit = limit(plan);
    let linked = link::attributes();
    let unknown = plan.labels.iter().any(|label| known(&label.value).is_some()).then(|| {
        quote! {
            #[allow(unused_imports)]
            use #private::NotClosed as _;
        }
    });
    let items = quote! {
        use #long as __tta;
        #unknown
        static __SITE: #private::CallSite = #private::CallSite::new(
            &__SITE,
            #private::Role::#role,
            [#type_name, #action, #name, #span_name, ::core::concat!(::core::module_path!(), #function)],
            #own_name,
            #buckets
        )#labels #slo;
        #linked
        static __ENTRY: &#private::CallSite = &__SITE;
        #limit
        &__SITE
    };
    guarded(plan, &items)
}

/// Lets the block name types that may be generic parameters of an `impl` block, which an item cannot use.
///
/// A type of the module is found by the glob, and goes before the empty one of the same name outside of it; a generic
/// parameter is not, and the empty one, which is no label value, stands before it.
fn guarded(plan: &Plan, items: &TokenStream) -> TokenStream {
    let mut doubtful: Vec<&Ident> = Vec::new();
    for name in plan.labels.iter().filter_map(|label| known(&label.value)).flat_map(|known| &known.doubtful) {
        if !doubtful.contains(&name) {
            doubtful.push(name);
        }
    }
    if doubtful.is_empty() {
        return quote!({ #items });
    }
    quote! {{
        #(#[allow(dead_code)] enum #doubtful {})*
        {
            #[allow(unused_imports, clippy::wildcard_imports)]
            use self::*;
            #items
        }
    }}
}

fn known(value: &Text) -> Option<&Nameable> {
    match value {
        Text::Closed(_, known) => known.as_deref(),
        Text::Literal(_) | Text::Capped(_) => None,
    }
}

fn labels(plan: &Plan, private: &TokenStream) -> Option<TokenStream> {
    plan.labels.first()?;
    let labels = plan.labels.iter().map(|label| definition(label, private));
    Some(quote!(.labels(&[#(#labels),*])))
}

fn definition(label: &Label, private: &TokenStream) -> TokenStream {
    let name = &label.name;
    match &label.value {
        Text::Literal(value) => quote!(#private::LabelDef::literal(#name, #value)),
        Text::Closed(_, Some(known)) => {
            let written = &known.written;
            quote!(#private::LabelDef::closed(#name, #private::MaybeClosed::<#written>::VALUES))
        }
        Text::Closed(_, None) | Text::Capped(_) => quote!(#private::LabelDef::open(#name)),
    }
}

/// The assertion that the labels whose types stand in the signature make few enough series.
fn limit(plan: &Plan) -> Option<TokenStream> {
    let first = plan.labels.first()?;
    let at = first.name.span().resolved_at(Span::mixed_site());
    let series = located(self::private(plan), at);
    let factors: Vec<TokenStream> = plan
        .labels
        .iter()
        .filter_map(|label| {
            let name = &label.name;
            match &label.value {
                Text::Closed(_, Some(known)) => {
                    let written = &known.written;
                    Some(quote!((#name, #series::MaybeClosed::<#written>::CARDINALITY)))
                }
                Text::Capped(_) => Some(quote!((#name, #series::CAPPED))),
                Text::Closed(_, None) | Text::Literal(_) => None,
            }
        })
        .collect();
    (!factors.is_empty()).then(|| quote_spanned!(at=> const _: () = #series::series(&[#(#factors),*]);))
}

/// Gives tokens another place, so that what goes wrong with them is shown there.
pub(crate) fn located(tokens: TokenStream, at: Span) -> TokenStream {
    let located = |mut token: TokenTree| {
        token.set_span(token.span().located_at(at));
        token
    };
    tokens.into_iter().map(located).collect()
}

fn slo(slo: &Slo, private: &TokenStream) -> Option<TokenStream> {
    if *slo == Slo::default() {
        return None;
    }
    let availability = option(slo.availability.map(|percent| Literal::f64_unsuffixed(percent).into_token_stream()));
    let latency = option(slo.latency.map(|latency| {
        let threshold = Literal::f64_unsuffixed(latency.threshold_seconds);
        let percent = Literal::f64_unsuffixed(latency.percent);
        quote!(#private::LatencySlo { threshold_seconds: #threshold, percent: #percent })
    }));
    Some(quote!(.slo(#private::Slo { availability: #availability, latency: #latency })))
}

pub(crate) fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote!(::core::option::Option::None), |value| quote!(::core::option::Option::Some(#value)))
}

/// The values of the labels, in the order of their definitions.
pub(crate) fn label_values(plan: &Plan, private: &TokenStream) -> TokenStream {
    // A type in doubt may be any that the call brings.
    let is_open = |known: &Option<Box<Nameable>>| known.as_ref().is_none_or(|known| !known.doubtful.is_empty());
    let open = plan.labels.iter().any(|label| matches!(&label.value, Text::Closed(_, known) if is_open(known)));
    if !open {
        let values = plan.labels.iter().map(|label| text(private, &label.name.to_token_stream(), &label.value));
        return quote!(&[#(#values),*]);
    }
    // Some type does not stand in the signature: the runtime's function sees the types of all of them at once.
    let mixed = Span::mixed_site();
    let mut at = mixed;
    let mut capped = 0_u32;
    let mut closed = Vec::new();
    let mut values = Vec::new();
    for label in &plan.labels {
        match &label.value {
            Text::Closed(value, known) => {
                if is_open(known) {
                    at = value.span().resolved_at(mixed);
                }
                let index = Literal::usize_unsuffixed(closed.len());
                values.push(quote_spanned!(mixed=> closed[#index]));
                closed.push(reference(value));
            }
            Text::Capped(_) => {
                capped += 1;
                values.push(text(private, &label.name.to_token_stream(), &label.value));
            }
            Text::Literal(value) => values.push(value.to_token_stream()),
        }
    }
    let capped = Literal::u32_unsuffixed(capped);
    let series = located(self::private(plan), at);
    quote_spanned!(at=> &match #series::labels::<#capped, _, _>((#(#closed,)*)) { closed => [#(#values),*] })
}

/// The text of one value.
pub(crate) fn text(private: &TokenStream, name: &TokenStream, value: &Text) -> TokenStream {
    match value {
        Text::Literal(value) => value.to_token_stream(),
        Text::Closed(value, _) => {
            let value = reference(value);
            quote!(#private::closed(#value))
        }
        Text::Capped(value) => {
            let value = reference(value);
            quote!(#private::capped(#name, #value))
        }
    }
}

/// A reference to the author's expression, in the place of the expression, so that a mistake is shown there.
fn reference(value: &syn::Expr) -> TokenStream {
    quote_spanned!(value.span().resolved_at(Span::mixed_site())=> &#value)
}

/// Returns the numbers of named or own buckets.
fn buckets(buckets: &Buckets, private: &TokenStream) -> TokenStream {
    match buckets {
        Buckets::Named(constant) => {
            let constant = format_ident!("{constant}");
            quote!(#private::buckets::#constant)
        }
        Buckets::Seconds(bounds) => {
            let bounds = bounds.iter().map(|bound| Literal::f64_unsuffixed(*bound));
            quote!(&[#(#bounds),*])
        }
    }
}
