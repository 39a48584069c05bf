//! Methods of an annotated block that have attribute macros of their own.
//!
//! Such a macro may copy the method or change its signature, and expects the author's body. The block therefore hands its
//! attribute on to the method, below these macros, which the compiler expands first.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Expr};

use crate::args::{Entry, Item, Value};
use crate::call_site;
use crate::desugar;
use crate::function::Function;
use crate::literal;
use crate::plan::Plan;

/// The key that tells a method of which block it is.
const KEY: &str = "__method_of";

/// Attributes of the language that are no macros, beside those that mean the same on a desugared function.
const BUILT_IN: &[&str] = &[
    "cfg_attr",
    "export_name",
    "link_section",
    "must_use",
    "rustc_legacy_const_generics",
    "target_feature",
    "track_caller",
];

/// The block around a method, as the method's attribute has it.
pub(crate) struct Block {
    /// The name of the block's type.
    pub(crate) type_name: String,
    /// The block's type and constant parameters.
    pub(crate) generics: Vec<Ident>,
}

/// Returns whether a method has an attribute that may be a macro.
pub(crate) fn has_any(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let built_in = attribute.path().get_ident().is_some_and(|name| BUILT_IN.iter().any(|other| name == other));
        !built_in && !desugar::are_inert([attribute])
    })
}

/// Returns the method with the attribute, below its attribute macros.
pub(crate) fn hand_on(entries: &[Entry], plan: &Plan, block: &Block, function: &Function) -> TokenStream {
    let Function { attributes, .. } = function;
    let runtime = call_site::runtime(plan);
    let entries = entries.iter().map(written);
    let Block { type_name, generics } = block;
    let key = quote::format_ident!("{KEY}");
    let bare = Function { attributes: Vec::new(), ..function.clone() };
    quote! {
        #(#attributes)*
        #[#runtime::primitive(#(#entries,)* #key(#type_name #(, #generics)*))]
        #bare
    }
}

fn written(entry: &Entry) -> TokenStream {
    let Entry { key, value } = entry;
    match value {
        Value::Absent => key.to_token_stream(),
        Value::Expr(value) => quote!(#key = #value),
        Value::List(_, list) => quote!(#key #list),
    }
}

/// Takes the block out of the entries of a method to which its attribute was handed on.
pub(crate) fn take_block(entries: &mut Vec<Entry>) -> Option<Block> {
    let index = entries.iter().position(|entry| entry.name() == KEY)?;
    let Value::List(items, _) = entries.remove(index).value else { return None };
    let mut items = items.into_iter().filter_map(|item| match item {
        Item::Single(value) => Some(*value),
        Item::Pair(..) => None,
    });
    let type_name = literal::string(&items.next()?)?.value();
    let ident = |value: Expr| match value {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    Some(Block { type_name, generics: items.filter_map(ident).collect() })
}
