//! The attribute `#[primitive]` and the derive `LabelValue`; use them through `tta-runtime`.

mod args;
mod begin;
mod bindings;
mod buckets;
mod end;
mod errors;
mod expand;
mod function;
mod impl_block;
mod keys;
mod label_value;
mod labels;
mod layers;
mod link;
mod nearest;
mod opaque;
mod parameters;
mod plan;
mod primitive;
mod returns;
mod site;
mod slo;
mod text;
mod vocabulary;
mod words;

use proc_macro::TokenStream;

#[doc = include_str!("primitive.md")]
#[proc_macro_attribute]
pub fn primitive(arguments: TokenStream, item: TokenStream) -> TokenStream {
    primitive::expand(arguments.into(), item.into()).into()
}

#[doc = include_str!("label_value.md")]
#[proc_macro_derive(LabelValue, attributes(label))]
pub fn label_value(item: TokenStream) -> TokenStream {
    label_value::expand(item.into()).into()
}
