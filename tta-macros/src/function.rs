//! An annotated function: its signature is parsed, and its body stays raw tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::token::Brace;
use syn::{Attribute, Signature, Token, Visibility, braced};

/// A function whose body is not parsed.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    /// Visibility and `default`.
    pub(crate) prefix: TokenStream,
    pub(crate) signature: Signature,
    pub(crate) body: Option<Body>,
}

/// The body of a function.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) brace: Brace,
    /// The braces and everything between them, unchanged.
    group: TokenTree,
    pub(crate) inner_attributes: Vec<Attribute>,
    /// Everything between the braces, without the inner attributes.
    pub(crate) statements: TokenStream,
}

impl Body {
    /// Returns the body as a block expression.
    ///
    /// The braces keep their spans, so that the compiler's errors are those of the bare function.
    pub(crate) fn block(&self) -> TokenStream {
        if self.inner_attributes.is_empty() {
            return self.group.to_token_stream();
        }
        let mut block = TokenStream::new();
        self.brace.surround(&mut block, |block| self.statements.to_tokens(block));
        block
    }
}

impl Function {
    /// Parses the rest of a function, behind its attributes and its visibility.
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
            let group = open_invisible_groups(input.fork().parse()?);
            let content;
            let brace = braced!(content in input);
            Some(Body {
                brace,
                group,
                inner_attributes: Attribute::parse_inner(&content)?,
                statements: content.parse()?,
            })
        };
        Ok(Function { attributes, prefix, signature, body })
    }

    /// Returns the name without the `r#` of a raw identifier.
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

/// Unwraps the invisible groups that `macro_rules` puts around its fragments.
fn open_invisible_groups(token: TokenTree) -> TokenTree {
    match &token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            group.stream().into_iter().next().map_or(token, open_invisible_groups)
        }
        _ => token,
    }
}

/// Parses the visibility and the `default` before a function.
pub(crate) fn prefix(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let visibility: Visibility = input.parse()?;
    let default: Option<Token![default]> =
        if input.peek(Token![default]) && !input.peek2(Token![!]) { input.parse()? } else { None };
    Ok(quote!(#visibility #default))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_body_is_kept() {
        let text = "async fn f (a : u8) -> u8 { let x = a . }";
        let function: Function = syn::parse_str(text).expect("the signature is complete");
        assert_eq!(function.to_token_stream().to_string(), text);
    }

    #[test]
    fn inner_attributes_are_separated_from_statements() {
        let function: Function = syn::parse_str("fn f() { #![allow(unused)] let a = 1; }").expect("a function");
        let body = function.body.expect("a body");
        assert_eq!(body.inner_attributes.len(), 1);
        assert_eq!(body.statements.to_string(), "let a = 1 ;");
    }
}
