//! The attribute `#[primitive]` and the derive `LabelValue`.
//!
//! Use them through `tta-runtime`, which re-exports both: expanded code calls into that crate.

mod args;
mod bounded_text;
mod buckets;
mod call_site;
mod case;
mod derive_label_value;
mod desugar;
mod errors;
mod expand;
mod function;
mod generic_names;
mod guard_statement;
mod impl_block;
mod impl_trait;
mod inputs;
mod item_kind;
mod keys;
mod labels;
mod link_section;
mod literal;
mod loop_guard;
mod macro_attributes;
mod move_parameters;
mod outcome;
mod outcome_keys;
mod pairs;
mod parameters;
mod peel;
mod plan;
mod primitive;
mod returned_closure;
mod returns;
mod slo;
mod span_attributes;
mod suggest;
mod target;
mod tokens;
mod type_and_action;
mod vocabulary;

use proc_macro::TokenStream;

#[doc = include_str!("primitive.md")]
#[proc_macro_attribute]
pub fn primitive(arguments: TokenStream, item: TokenStream) -> TokenStream {
    primitive::expand(arguments.into(), item.into()).into()
}

#[doc = include_str!("derive_label_value.md")]
#[proc_macro_derive(LabelValue, attributes(label))]
pub fn label_value(item: TokenStream) -> TokenStream {
    derive_label_value::expand(item.into()).into()
}
