//! What the attribute sits on: one function, its signature parsed and its body kept as raw tokens.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::token::Brace;
use syn::{Attribute, Signature, Token, Visibility, braced};

/// A function whose body nobody has looked into.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    /// Visibility and `default`.
    pub(crate) prefix: TokenStream,
    pub(crate) signature: Signature,
    pub(crate) body: Option<Body>,
}

/// The body between its braces, without its inner attributes.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) brace: Brace,
    /// The braces and all between them, as they came.
    whole: TokenTree,
    pub(crate) inner_attributes: Vec<Attribute>,
    pub(crate) statements: TokenStream,
}

impl Body {
    /// Returns the body as a block that is part of another one.
    ///
    /// The braces keep their places, so that the compiler's mistakes within are those of the bare function. The label
    /// tells lints about needless braces that these are none.
    pub(crate) fn block(&self) -> TokenStream {
        let label = syn::Lifetime::new("'_body", Span::mixed_site().located_at(self.brace.span.open()));
        let mut block = quote!(#label:);
        if self.inner_attributes.is_empty() {
            self.whole.to_tokens(&mut block);
        } else {
            self.brace.surround(&mut block, |block| self.statements.to_tokens(block));
        }
        block
    }
}

impl Function {
    /// Reads a function behind its attributes and visibility.
    pub(crate) fn parse_after(
        attributes: Vec<Attribute>,
        prefix: TokenStream,
        input: ParseStream<'_>,
    ) -> syn::Result<Self> {
        let signature = input.parse()?;
        let body = if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            None
        } else {
            let whole = visible(input.fork().parse()?);
            let content;
            let brace = braced!(content in input);
            Some(Body {
                brace,
                whole,
                inner_attributes: Attribute::parse_inner(&content)?,
                statements: content.parse()?,
            })
        };
        Ok(Function { attributes, prefix, signature, body })
    }

    /// Returns the name as a reader of metrics sees it, without `r#`.
    pub(crate) fn name(&self) -> String {
        self.signature.ident.unraw().to_string()
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = Attribute::parse_outer(input)?;
        let prefix = prefix(input)?;
        Function::parse_after(attributes, prefix, input)
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Function { attributes, prefix, signature, body } = self;
        tokens.extend(quote!(#(#attributes)* #prefix #signature));
        match body {
            None => tokens.extend(quote!(;)),
            Some(Body { brace, inner_attributes, statements, .. }) => {
                brace.surround(tokens, |tokens| {
                    tokens.extend(quote!(#(#inner_attributes)*));
                    statements.to_tokens(tokens);
                });
            }
        }
    }
}

/// Opens the invisible groups that `macro_rules` puts around its fragments.
fn visible(token: TokenTree) -> TokenTree {
    match &token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            group.stream().into_iter().next().map_or(token, visible)
        }
        _ => token,
    }
}

/// Reads what may stand before a function: visibility and `default`.
pub(crate) fn prefix(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let visibility: Visibility = input.parse()?;
    let default: Option<Token![default]> =
        if input.peek(Token![default]) && !input.peek2(Token![!]) { input.parse()? } else { None };
    Ok(quote!(#visibility #default))
}

/// What an item is, as far as the attribute cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Function,
    Impl,
    /// Anything else, by the word that names it.
    Other(&'static str),
}

/// The words that tell an item's kind; a word that may precede `fn` comes after those that settle the matter.
const KINDS: &[(&str, Kind)] = &[
    ("fn", Kind::Function),
    ("impl", Kind::Impl),
    ("trait", Kind::Other("trait")),
    ("struct", Kind::Other("struct")),
    ("enum", Kind::Other("enum")),
    ("union", Kind::Other("union")),
    ("mod", Kind::Other("module")),
    ("type", Kind::Other("type alias")),
    ("static", Kind::Other("static")),
    ("use", Kind::Other("import")),
    ("macro_rules", Kind::Other("macro")),
];

/// Tells what an item is, with the word that says so.
pub(crate) fn kind(item: &TokenStream) -> (Kind, Option<Ident>) {
    let mut constant = None;
    for token in flat(item) {
        match token {
            TokenTree::Ident(word) => {
                if let Some((_, kind)) = KINDS.iter().find(|(name, _)| word == *name) {
                    return (*kind, Some(word));
                }
                if word == "const" {
                    constant = Some(word);
                }
            }
            // Attributes, `pub(crate)` and `extern "C"` may come before the word; a body, a value or a type may not.
            TokenTree::Punct(punct) if matches!(punct.as_char(), ':' | '=' | ';' | '!') => break,
            _ => {}
        }
    }
    (Kind::Other(if constant.is_some() { "constant" } else { "item" }), constant)
}

/// Returns the tokens of an item with the invisible groups of `macro_rules` opened.
fn flat(item: &TokenStream) -> Vec<TokenTree> {
    let mut tokens = Vec::new();
    for token in item.clone() {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                tokens.extend(flat(&group.stream()));
            }
            token => tokens.push(token),
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(item: &str, expected: Kind) {
        assert_eq!(kind(&item.parse().expect("balanced")).0, expected);
    }

    #[test]
    fn the_kind_of_an_item_is_told_by_its_word() {
        check("#[a(fn)] pub(crate) async unsafe extern \"C\" fn f() { struct S; }", Kind::Function);
        check("const fn f() {}", Kind::Function);
        check("unsafe impl<T> A for B<T> { fn f() {} }", Kind::Impl);
        check("pub unsafe trait A { fn f(); }", Kind::Other("trait"));
        check("pub struct A { f: fn() }", Kind::Other("struct"));
        check("const A: fn() = f;", Kind::Other("constant"));
        check("foo! { fn f() {} }", Kind::Other("item"));
    }

    #[test]
    fn a_body_that_is_not_finished_is_kept() {
        let text = "async fn f (a : u8) -> u8 { let x = a . }";
        let function: Function = syn::parse_str(text).expect("the signature is complete");
        assert_eq!(function.to_token_stream().to_string(), text);
    }

    #[test]
    fn inner_attributes_are_told_from_statements() {
        let function: Function = syn::parse_str("fn f() { #![allow(unused)] let a = 1; }").expect("a function");
        let body = function.body.expect("a body");
        assert_eq!(body.inner_attributes.len(), 1);
        assert_eq!(body.statements.to_string(), "let a = 1 ;");
    }
}
