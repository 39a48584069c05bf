//! The derive `LabelValue`: an enum without fields is a closed set of label values.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, LitStr, Meta, Path, Token, Variant};

use crate::case::{RENAME_RULES, Rename, split_words};
use crate::errors::Errors;
use crate::literal;
use crate::suggest::{did_you_mean_or, one_of};

/// Expands the derive, and reports every error.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let implementation =
        syn::parse2(item).map_err(|error| errors.push(error)).ok().map(|item| derive(&item, &mut errors));
    let errors = errors.into_tokens();
    quote!(#errors #implementation)
}

fn derive(item: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let mut settings = Settings::read(&item.attrs, errors);
    let mut values: Vec<LitStr> = Vec::new();
    let mut arms = TokenStream::new();
    match &item.data {
        Data::Enum(data) => {
            if data.variants.is_empty() {
                errors.at(&item.ident, "an enum without variants has no label values; add a variant");
            }
            for variant in &data.variants {
                let value = value(variant, settings.rename, errors);
                if values.iter().any(|other| other.value() == value.value()) {
                    let message =
                        format!("the value `{}` is given twice; write `#[label(\"…\")]` on one of them", value.value());
                    errors.at(&value, message);
                }
                let name = &variant.ident;
                arms.extend(quote!(Self::#name { .. } => #value,));
                values.push(value);
            }
        }
        Data::Struct(data) => errors.at(data.struct_token, ONLY_ENUMS),
        Data::Union(data) => errors.at(data.union_token, ONLY_ENUMS),
    }
    let name = &item.ident;
    let (generics, arguments, conditions) = item.generics.split_for_impl();
    let runtime = settings.runtime.take().map_or_else(|| quote!(::tta_runtime), ToTokens::into_token_stream);
    // The implementation is generated even after an error, so that uses of the type report no further errors.
    let mixed = Span::mixed_site();
    let text = if values.is_empty() { quote!("") } else { quote_spanned!(mixed=> match *self { #arms }) };
    let cardinality = values.len();
    quote_spanned! {mixed=>
        #[automatically_derived]
        impl #generics #runtime::LabelValue for #name #arguments #conditions {
            const CARDINALITY: usize = #cardinality;
            fn values() -> #runtime::__private::Vec<&'static str> {
                #runtime::__private::vec![#(#values),*]
            }
            fn label_value(&self) -> &'static str {
                #text
            }
        }
    }
}

const ONLY_ENUMS: &str = "only an enum without fields is a closed set of label values; write the label as `capped(…)`";

fn value(variant: &Variant, rename: Rename, errors: &mut Errors) -> LitStr {
    if !matches!(variant.fields, Fields::Unit) {
        errors.at(&variant.fields, "a variant with fields has more than one value; remove the fields");
    }
    let mut named: Option<LitStr> = None;
    for attribute in variant.attrs.iter().filter(|attribute| attribute.path().is_ident("label")) {
        match attribute.parse_args::<LitStr>() {
            Ok(text) if named.is_some() => errors.at(text, "the value of the variant is given twice; remove one"),
            Ok(text) => named = Some(text),
            Err(_) => errors.at(&attribute.meta, "write the value as `#[label(\"value\")]`"),
        }
    }
    if let Some(text) = &named {
        let value = text.value();
        if value.is_empty() || value.len() > 256 || value.contains(char::is_control) {
            errors.at(text, "a label value must have 1 to 256 bytes and no control characters; write another text");
        }
    }
    named.unwrap_or_else(|| {
        let name = variant.ident.unraw().to_string();
        LitStr::new(&rename(&split_words(&name)), variant.ident.span())
    })
}

/// The settings in `#[label(…)]` on the enum.
struct Settings {
    rename: Rename,
    runtime: Option<Path>,
}

impl Settings {
    fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut settings = Settings { rename: RENAME_RULES[0].1, runtime: None };
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("label")) {
            let Meta::List(list) = &attribute.meta else {
                errors.at(attribute, "write `#[label(rename_all = \"kebab-case\")]`");
                continue;
            };
            let parsed = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            for meta in parsed.map_err(|error| errors.push(error)).into_iter().flatten() {
                settings.set(&meta, errors);
            }
        }
        settings
    }

    fn set(&mut self, meta: &Meta, errors: &mut Errors) {
        match meta {
            Meta::NameValue(pair) if pair.path.is_ident("rename_all") => self.rename_all(&pair.value, errors),
            Meta::NameValue(pair) if pair.path.is_ident("crate") => match syn::parse2(pair.value.to_token_stream()) {
                Ok(path) => self.runtime = Some(path),
                Err(_) => {
                    errors.at(&pair.value, "`crate` must be the path of the runtime, such as `::renamed_runtime`");
                }
            },
            meta => {
                errors.at(meta, "unknown setting; write `rename_all = \"kebab-case\"` or `crate = ::renamed_runtime`");
            }
        }
    }

    fn rename_all(&mut self, value: &Expr, errors: &mut Errors) {
        let names: Vec<&str> = RENAME_RULES.iter().map(|(name, _)| *name).collect();
        let Some(text) = literal::string(value) else {
            errors.at(value, format!("`rename_all` must be a string: {}", one_of(&names)));
            return;
        };
        if let Some((_, rename)) = RENAME_RULES.iter().find(|(name, _)| *name == text.value()) {
            self.rename = *rename;
            return;
        }
        let hint = did_you_mean_or(&text.value(), &names, &format!("write {}", one_of(&names)));
        errors.at(&text, format!("unknown case `{}`{hint}", text.value()));
    }
}
