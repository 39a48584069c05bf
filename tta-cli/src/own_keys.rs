//! The labels and attributes that a program adds to annotated functions, as its sources say.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::{Expr, Ident, Lit, LitStr, Token, parenthesized};
use tta_runtime::schema::AttributeType;

/// The labels and attributes of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnKeys {
    /// The names of labels: `labels(audience = audience)`.
    pub labels: BTreeSet<String>,
    /// The keys of attributes, `attributes("document.pages" = pages)`, with their types: those of literals, any otherwise.
    pub attributes: BTreeMap<String, AttributeType>,
}

impl OwnKeys {
    /// Adds those of a source file. One that is no Rust, such as a template, has none.
    ///
    /// ```
    /// use tta_cli::own_keys::OwnKeys;
    ///
    /// let mut own = OwnKeys::default();
    /// own.add_source(r#"#[primitive(type = "tool", labels(audience = audience), attributes("pages" = pages))] fn read() {}"#);
    /// assert!(own.labels.contains("audience") && own.attributes.contains_key("pages"));
    /// ```
    pub fn add_source(&mut self, source: &str) {
        if let Ok(file) = syn::parse_file(source) {
            self.visit_file(&file);
        }
    }

    fn add_attribute(&mut self, key: String, kind: AttributeType) {
        match self.attributes.entry(key) {
            Entry::Vacant(entry) => drop(entry.insert(kind)),
            Entry::Occupied(mut known) if *known.get() != kind => drop(known.insert(AttributeType::Any)),
            Entry::Occupied(_) => {}
        }
    }
}

impl<'ast> Visit<'ast> for OwnKeys {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if attribute.path().segments.last().is_none_or(|last| last.ident != "primitive") {
            return;
        }
        // What the macro refuses does not compile either, so an error here has no one to tell.
        let _ = attribute.parse_nested_meta(|entry| {
            if !entry.input.peek(syn::token::Paren) {
                return if entry.input.peek(Token![=]) { entry.value()?.parse::<Expr>().map(drop) } else { Ok(()) };
            }
            let inside;
            parenthesized!(inside in entry.input);
            if entry.path.is_ident("labels") {
                let pairs = Punctuated::<Pair, Token![,]>::parse_terminated(&inside)?;
                self.labels.extend(pairs.into_iter().map(|pair| pair.key));
            } else if entry.path.is_ident("attributes") {
                for pair in Punctuated::<Pair, Token![,]>::parse_terminated(&inside)? {
                    self.add_attribute(pair.key, type_of(&pair.value));
                }
            } else {
                inside.parse::<TokenStream>()?;
            }
            Ok(())
        });
    }
}

/// `key = value`, where the key is a name or a text.
struct Pair {
    key: String,
    value: Expr,
}

impl Parse for Pair {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = if input.peek(LitStr) {
            input.parse::<LitStr>()?.value()
        } else {
            input.call(Ident::parse_any)?.unraw().to_string()
        };
        input.parse::<Token![=]>()?;
        Ok(Self { key, value: input.parse()? })
    }
}

fn type_of(value: &Expr) -> AttributeType {
    let Expr::Lit(literal) = value else { return AttributeType::Any };
    match literal.lit {
        Lit::Str(_) => AttributeType::Text,
        Lit::Int(_) => AttributeType::Int,
        Lit::Float(_) => AttributeType::Double,
        Lit::Bool(_) => AttributeType::Boolean,
        _ => AttributeType::Any,
    }
}

#[cfg(test)]
mod tests {
    use tta_runtime::schema::AttributeType;

    use super::OwnKeys;

    #[test]
    fn keys_are_found_on_functions_and_on_blocks_of_them() {
        let mut own = OwnKeys::default();
        own.add_source(
            r#"
            #[tta_runtime::primitive(type = "tool", loop_guard(repeats = 3), labels(audience = audience, tenant = top(20, tenant),),
                attributes("a.count" = 3, "a.text" = "x", "a.any" = f(), "a.mixed" = 1.5), ok_if = |x: &A<B, C>| x.ok)]
            fn search() {}
            #[primitive(type = "llm", labels(r#in = region))]
            impl Client {
                #[primitive(attributes("a.mixed" = true), skip)]
                fn ask() {}
            }
            #[instrument(labels(other = x))]
            fn other() {}
            "#,
        );
        own.add_source("no Rust");
        assert_eq!(own.labels.iter().collect::<Vec<_>>(), ["audience", "in", "tenant"]);
        let attributes: Vec<_> = own.attributes.iter().map(|(key, kind)| (key.as_str(), *kind)).collect();
        let expected = [
            ("a.any", AttributeType::Any),
            ("a.count", AttributeType::Int),
            ("a.mixed", AttributeType::Any),
            ("a.text", AttributeType::Text),
        ];
        assert_eq!(attributes, expected);
    }
}
