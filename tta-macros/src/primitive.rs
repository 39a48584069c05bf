//! The stages of the attribute: entries, then a plan for each function, then tokens.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::errors::Errors;
use crate::function::Function;
use crate::item_kind::{self, ItemKind};
use crate::macro_attributes::{self, Block};
use crate::target::Target;
use crate::{args, expand, impl_block, plan};

/// Expands the attribute. If anything is wrong, every error is reported, and the item stays as it was.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut entries = args::parse(arguments, &mut errors);
    let block = macro_attributes::take_block(&mut entries);
    let (kind, keyword) = item_kind::read(&item);
    let expanded = match kind {
        ItemKind::Impl => {
            let expanded = impl_block::expand(&entries, item.clone(), &mut errors);
            // After an error in one method, the methods before it must not stay expanded.
            if errors.is_empty() { expanded } else { impl_block::without_attributes(item) }
        }
        ItemKind::Function => {
            let target = block
                .as_ref()
                .map_or(Target::Function, |Block { type_name, generics }| Target::MethodOf { type_name, generics });
            function(&entries, &target, item, &mut errors)
        }
        ItemKind::Other(name) => {
            errors.at(keyword.map_or_else(|| item.clone(), ToTokens::into_token_stream), wrong_item(name));
            item
        }
    };
    let errors = errors.into_tokens();
    quote!(#errors #expanded)
}

fn function(entries: &[args::Entry], target: &Target<'_>, item: TokenStream, errors: &mut Errors) -> TokenStream {
    let function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            errors.push(error);
            return item;
        }
    };
    if let Some(constant) = &function.signature.constness {
        errors.at(constant, "a `const fn` may run at compile time, where nothing is recorded; annotate its caller");
    }
    if let Some(variadic) = &function.signature.variadic {
        errors.at(variadic, "a variadic function cannot be annotated; annotate its caller");
    }
    if function.body.is_none() {
        errors.at(&function.signature.ident, "this method has no body; annotate its implementations");
    }
    let plan = plan::plan(entries, &function, target, errors);
    match plan.filter(|_| errors.is_empty()) {
        Some(plan) => expand::expand(&plan, function, &[]),
        None => function.into_token_stream(),
    }
}

fn wrong_item(name: &str) -> String {
    let instead = match name {
        "trait" => "annotate its methods that have a body, or an `impl` block",
        "item" => {
            return "this item cannot be annotated; annotate a function or an `impl` block".to_owned();
        }
        _ => "annotate a function or an `impl` block",
    };
    let article = if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {name} cannot be annotated, since it is never called; {instead}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(arguments: &str, item: &str) -> String {
        let parse = |text: &str| text.parse::<TokenStream>().expect("balanced");
        let expanded = expand(parse(arguments), parse(item)).to_string();
        assert!(!expanded.contains("compile_error"), "{expanded}");
        expanded
    }

    /// Returns the error messages of the expansion.
    fn messages(arguments: &str, item: &str) -> Vec<String> {
        let parse = |text: &str| text.parse::<TokenStream>().expect("balanced");
        let expanded = expand(parse(arguments), parse(item)).to_string();
        let message = |rest: &str| rest.split('"').next().unwrap_or(rest).to_owned();
        expanded.split("compile_error ! { \"").skip(1).map(|rest| message(&rest.replace("\\\"", "'"))).collect()
    }

    #[test]
    fn the_expansion_of_a_one_line_function_has_at_most_1536_bytes() {
        let functions = [
            ("fn", "fn add(left: u32, right: u32) -> u32 { left + right }"),
            ("async fn", "async fn fetch(url: &str) -> Result<String, Error> { get(url).await }"),
            (
                "method",
                "pub async fn ask(&mut self, text: String) -> Result<Reply, Error> { self.client.ask(text).await }",
            ),
            ("future", "fn fetch(url: String) -> impl Future<Output = Result<String, Error>> { get(url) }"),
        ];
        for (shape, item) in functions {
            let size = expanded("type = \"tool\"", item).len();
            println!("{shape}: {size} bytes");
            assert!(size <= 1_536, "{shape}: {size} bytes");
        }
    }

    #[test]
    fn expanded_code_names_one_module_of_the_runtime() {
        let text = expanded(
            "type = \"llm\", action = \"chat\", provider = \"a\", model = capped(m), labels(x = y, z = w.a, c = capped(d)), slo(availability = 99), crate = runtime",
            "async fn f(y: Y, w: W) -> Result<u8, E> { body }",
        );
        let paths = text.split("runtime :: ").skip(1).map(|rest| rest.split(' ').next().unwrap_or(rest));
        let mut modules: Vec<&str> = paths.collect();
        modules.sort_unstable();
        modules.dedup();
        assert_eq!(modules, ["__private"]);
    }

    #[test]
    fn an_item_that_cannot_be_annotated_stays_as_it_was() {
        let item = "pub struct Client { name : String }";
        let expanded = expand(TokenStream::new(), item.parse().expect("balanced")).to_string();
        assert!(expanded.ends_with(item), "{expanded}");
    }

    #[test]
    fn a_function_with_a_wrong_attribute_stays_as_it_was() {
        let item = "async fn f (a : u8) -> u8 { half . }";
        let expanded = expand("type = \"lmm\"".parse().expect("balanced"), item.parse().expect("balanced")).to_string();
        assert!(expanded.ends_with(item), "{expanded}");
    }

    #[test]
    fn an_incomplete_body_is_observed() {
        assert!(expanded("type = \"tool\"", "async fn f(a: u8) -> u8 { let x = a. }").contains("{ let x = a . }"));
    }

    #[test]
    fn the_errors_of_a_block_and_of_its_methods_are_reported_together() {
        let item = "impl A { fn a() {} #[primitive(name = 5)] fn b() {} #[primitive(skip)] fn c() {} }";
        let expected =
            ["unknown type `tol`; did you mean `tool`?", "a name must be a string literal, such as `'summarise'`"];
        assert_eq!(messages("type = \"tol\"", item), expected);
    }
}
