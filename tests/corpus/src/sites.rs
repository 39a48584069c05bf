//! The functions and `impl` blocks of a file that can have the attribute.

use std::ops::Range;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, ImplItem, ImplItemFn, ItemFn, ItemImpl, ItemMod, Meta, ReturnType, Signature, TraitItemFn,
};

/// The items that are annotated.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Mode {
    /// Every function.
    Functions,
    /// Every `impl` block that has a function.
    Blocks,
}

/// A place for the attribute.
pub(crate) struct Site {
    pub(crate) kind: Kind,
    /// The byte at which the attribute is inserted: behind the other attributes.
    pub(crate) offset: usize,
    /// The line of that byte.
    pub(crate) line: usize,
    /// All lines of the item, with its attributes.
    pub(crate) lines: Range<usize>,
    /// A method of an `impl` block, which the attribute on the block covers.
    pub(crate) in_block: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Sync,
    Async,
    /// A function that is not `async` and writes a future as its output.
    Future,
    Stream,
    Block,
}

/// Returns the sites of a file, each before the ones inside it.
pub(crate) fn find(file: &syn::File) -> Vec<Site> {
    let mut finder = Finder::default();
    finder.visit_file(file);
    finder.sites
}

/// Returns the modules of the file that exist in tests alone and have a file of their own.
pub(crate) fn test_modules(file: &syn::File) -> Vec<String> {
    let mut finder = Finder::default();
    finder.visit_file(file);
    finder.test_modules
}

#[derive(Default)]
struct Finder {
    sites: Vec<Site>,
    test_modules: Vec<String>,
}

impl Finder {
    fn function(&mut self, attributes: &[Attribute], start: Span, signature: &Signature, body: &Block, in_block: bool) {
        if is_left_out(attributes) || signature.constness.is_some() || signature.ident == "main" {
            return;
        }
        let from = attributes.first().map_or(start, Spanned::span).start().line;
        self.sites.push(Site {
            kind: kind(signature),
            offset: start.byte_range().start,
            line: start.start().line,
            lines: from..body.brace_token.span.close().end().line + 1,
            in_block,
        });
    }
}

impl<'a> Visit<'a> for Finder {
    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        let start = first_of(item.vis.span(), &item.vis, item.sig.span());
        self.function(&item.attrs, start, &item.sig, &item.block, false);
        if !is_left_out(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'a ItemImpl) {
        if is_left_out(&item.attrs) {
            return;
        }
        let has_function =
            item.items.iter().any(|item| matches!(item, ImplItem::Fn(method) if method.sig.constness.is_none()));
        if has_function {
            // The span of the item without its attributes: `default`, `unsafe` and `impl` in this order.
            let start = item.unsafety.as_ref().map_or(item.impl_token.span, |token| token.span);
            let from = item.attrs.first().map_or(start, Spanned::span).start().line;
            self.sites.push(Site {
                kind: Kind::Block,
                offset: start.byte_range().start,
                line: start.start().line,
                lines: from..item.brace_token.span.close().end().line + 1,
                in_block: false,
            });
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'a ImplItemFn) {
        let start = first_of(item.vis.span(), &item.vis, item.sig.span());
        self.function(&item.attrs, start, &item.sig, &item.block, true);
        if !is_left_out(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'a TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.attrs, item.sig.span(), &item.sig, body, false);
            visit::visit_trait_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        if !is_left_out(&item.attrs) {
            visit::visit_item_mod(self, item);
        } else if item.content.is_none() {
            self.test_modules.push(item.ident.to_string());
        }
    }
}

fn first_of(visibility_span: Span, visibility: &syn::Visibility, otherwise: Span) -> Span {
    if matches!(visibility, syn::Visibility::Inherited) { otherwise } else { visibility_span }
}

/// Attributes of tests, and of functions that cannot be called like others.
const LEFT_OUT: &[&str] = &[
    "bench",
    "panic_handler",
    "proc_macro",
    "proc_macro_attribute",
    "proc_macro_derive",
    "quickcheck",
    "rstest",
    "test",
    "test_case",
];

/// Returns whether the item is a test, exists in tests alone, or is no function to the compiler.
fn is_left_out(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let last = attribute.path().segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        match (last.as_str(), &attribute.meta) {
            ("cfg", Meta::List(list)) => requires_test(list.tokens.clone()),
            (name, _) => LEFT_OUT.contains(&name),
        }
    })
}

/// Returns whether a `cfg` predicate is `test` or `all(…, test, …)`.
fn requires_test(predicate: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = predicate.into_iter().collect();
    match &tokens[..] {
        [TokenTree::Ident(word)] => word == "test",
        [TokenTree::Ident(word), TokenTree::Group(group)] if word == "all" => {
            let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
            tokens
                .split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ','))
                .any(|part| requires_test(part.iter().cloned().collect()))
        }
        _ => false,
    }
}

fn kind(signature: &Signature) -> Kind {
    if signature.asyncness.is_some() {
        return Kind::Async;
    }
    let mut words = Words::default();
    if let ReturnType::Type(_, output) = &signature.output {
        words.visit_type(output);
    }
    let has = |names: &[&str]| names.iter().any(|name| words.0.iter().any(|word| word == name));
    if has(&["Stream", "BoxStream", "LocalBoxStream", "TryStream"]) {
        Kind::Stream
    } else if has(&["Future", "BoxFuture", "LocalBoxFuture", "TryFuture"]) {
        Kind::Future
    } else {
        Kind::Sync
    }
}

/// The last identifiers of all paths.
#[derive(Default)]
struct Words(Vec<String>);

impl<'a> Visit<'a> for Words {
    fn visit_path(&mut self, path: &'a syn::Path) {
        self.0.extend(path.segments.last().map(|segment| segment.ident.to_string()));
        visit::visit_path(self, path);
    }
}
