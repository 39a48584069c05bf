//! The `static` call site of an annotated function, with every constant that its calls share.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use crate::bounded_text::BoundedText;
use crate::buckets::Buckets;
use crate::labels::Label;
use crate::link_section;
use crate::parameters::Nameable;
use crate::plan::Plan;
use crate::slo::Slo;
use crate::tokens::located_at;

/// Returns the path of `__private`, the only module of the runtime that expanded code names.
pub(crate) fn private(plan: &Plan) -> TokenStream {
    let runtime = runtime(plan);
    quote!(#runtime::__private)
}

/// Returns the path of the runtime.
pub(crate) fn runtime(plan: &Plan) -> TokenStream {
    plan.runtime.as_ref().map_or_else(|| quote!(::tta_runtime), ToTokens::to_token_stream)
}

/// Returns a block that defines the call site and evaluates to a reference to it.
///
/// The block keeps the names of its items out of the body's scope.
pub(crate) fn reference(plan: &Plan, private: &TokenStream) -> TokenStream {
    let role = format_ident!("{}", plan.role.variant());
    let Plan { type_name, action, name, .. } = plan;
    let span_name = format!("primitive.{type_name}.{action}");
    let function = format!("::{}", plan.function);
    let function_len = Literal::usize_unsuffixed(function.len());
    // The block names many items of `__private`; a short alias keeps the expansion small.
    let full_path = private;
    let private = &quote!(__tta);
    let labels = labels(plan, private);
    let buckets = buckets(&plan.buckets, private);
    let slo = slo(&plan.slo, private);
    let guarded = plan.loop_guard.is_some().then(|| quote!(.guarded()));
    let series_limit = series_limit(plan);
    let link_section = link_section::attributes();
    let not_closed = plan.labels.iter().any(|label| nameable_type(&label.value).is_some()).then(|| {
        quote! {
            use #private::NotClosed as _;
            // Uses the import also where every type is closed: `()` is not.
            const _: usize = #private::MaybeClosed::<()>::CARDINALITY;
        }
    });
    let items = quote! {
        use #full_path as __tta;
        #not_closed
        static __SITE: #private::CallSite = #private::CallSite::new(
            &__SITE,
            #private::Role::#role,
            [#type_name, #action, #name, #span_name, ::core::concat!(::core::module_path!(), #function)],
            #function_len,
            #buckets
        )#labels #slo #guarded;
        #link_section
        static __ENTRY: &#private::CallSite = &__SITE;
        #series_limit
        &__SITE
    };
    allow_generics(plan, &items)
}

/// Wraps the items so that they compile even where a label's type is a generic parameter of an unseen `impl` block.
///
/// Items cannot use generic parameters of the code around them. The wrapping block therefore declares an empty enum
/// under each such name, and its inner block imports the module by glob. A type of the module shadows the enum through
/// the glob, and keeps its closed set. A generic parameter is in no module, so the name resolves to the enum, which is
/// not a closed set.
fn allow_generics(plan: &Plan, items: &TokenStream) -> TokenStream {
    let mut maybe_generic: Vec<&Ident> = Vec::new();
    for name in plan.labels.iter().filter_map(|label| nameable_type(&label.value)).flat_map(|of| &of.maybe_generic) {
        if !maybe_generic.contains(&name) {
            maybe_generic.push(name);
        }
    }
    if maybe_generic.is_empty() {
        return quote!({ #items });
    }
    quote! {{
        #(enum #maybe_generic {})*
        const _: (#(::core::marker::PhantomData<#maybe_generic>,)*) = (#(::core::marker::PhantomData::<#maybe_generic>,)*);
        {
            #[allow(unused_imports, clippy::wildcard_imports)]
            use self::*;
            #items
        }
    }}
}

fn nameable_type(value: &BoundedText) -> Option<&Nameable> {
    match value {
        BoundedText::Closed(_, nameable) => nameable.as_deref(),
        BoundedText::Literal(_) | BoundedText::Capped(_) | BoundedText::Top(..) => None,
    }
}

fn labels(plan: &Plan, private: &TokenStream) -> Option<TokenStream> {
    plan.labels.first()?;
    let labels = plan.labels.iter().map(|label| label_definition(label, private));
    Some(quote!(.labels(&[#(#labels),*])))
}

fn label_definition(label: &Label, private: &TokenStream) -> TokenStream {
    let name = &label.name;
    match &label.value {
        BoundedText::Literal(value) => quote!(#private::LabelDef::literal(#name, #value)),
        BoundedText::Closed(_, Some(nameable)) => {
            let written = &nameable.written;
            quote!(#private::LabelDef::closed(#name, #private::MaybeClosed::<#written>::VALUES))
        }
        BoundedText::Closed(_, None) | BoundedText::Capped(_) => quote!(#private::LabelDef::open(#name)),
        BoundedText::Top(..) => quote!(#private::LabelDef::top(#name)),
    }
}

/// Returns a constant assertion that bounds the series of the labels whose types stand in the signature.
fn series_limit(plan: &Plan) -> Option<TokenStream> {
    let first = plan.labels.first()?;
    let at = first.name.span().resolved_at(Span::mixed_site());
    let private = located_at(private(plan), at);
    let factors: Vec<TokenStream> = plan
        .labels
        .iter()
        .filter_map(|label| {
            let name = &label.name;
            match &label.value {
                BoundedText::Closed(_, Some(nameable)) => {
                    let written = &nameable.written;
                    Some(quote!((#name, #private::MaybeClosed::<#written>::CARDINALITY)))
                }
                BoundedText::Capped(_) | BoundedText::Top(..) => Some(quote!((#name, #private::CAPPED))),
                BoundedText::Closed(_, None) | BoundedText::Literal(_) => None,
            }
        })
        .collect();
    (!factors.is_empty()).then(|| quote_spanned!(at=> const _: () = #private::series(&[#(#factors),*]);))
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

/// Returns the expression `Some(value)` or `None`, by paths that no user code can shadow.
pub(crate) fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote!(::core::option::Option::None), |value| quote!(::core::option::Option::Some(#value)))
}

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
