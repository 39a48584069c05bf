//! Parses the attribute into entries, without checking any rule.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, LitStr, Token, parenthesized};

use crate::errors::Errors;

/// One `key`, `key = value` or `key(…)`.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

impl Entry {
    /// Returns the key without the `r#` of a raw identifier.
    pub(crate) fn name(&self) -> String {
        self.key.unraw().to_string()
    }
}

impl ToTokens for Entry {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.key.to_tokens(tokens);
        match &self.value {
            Value::Absent => {}
            Value::Expr(value) => value.to_tokens(tokens),
            Value::List(_, list) => list.to_tokens(tokens),
        }
    }
}

/// The value of a key.
#[derive(Clone)]
pub(crate) enum Value {
    /// `key`
    Absent,
    /// `key = value`
    Expr(Box<Expr>),
    /// `key(…)`: the items, and the parenthesized tokens around them.
    List(Vec<Item>, TokenStream),
}

/// One item of a parenthesized list.
#[derive(Clone)]
pub(crate) enum Item {
    /// `name = value`
    Pair(Name, Box<Expr>),
    /// `value`
    Single(Box<Expr>),
}

/// The name of a pair: `audience` or `"document.pages"`.
#[derive(Clone)]
pub(crate) enum Name {
    Ident(Ident),
    Text(LitStr),
}

impl Name {
    /// Returns the name as text, without the `r#` of a raw identifier.
    pub(crate) fn value(&self) -> String {
        match self {
            Name::Ident(ident) => ident.unraw().to_string(),
            Name::Text(text) => text.value(),
        }
    }

    pub(crate) fn span(&self) -> Span {
        match self {
            Name::Ident(ident) => ident.span(),
            Name::Text(text) => text.span(),
        }
    }
}

impl ToTokens for Name {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Name::Ident(ident) => ident.to_tokens(tokens),
            Name::Text(text) => text.to_tokens(tokens),
        }
    }
}

/// Parses the attribute's tokens. An entry that cannot be parsed is reported and skipped.
pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Vec<Entry> {
    let mut entries = Vec::new();
    let parser = |input: ParseStream<'_>| {
        comma_separated(input, errors, |input, errors| {
            entries.push(entry(input, errors)?);
            Ok(())
        });
        Ok(())
    };
    // The closure consumes every token and collects its errors, so this cannot fail.
    let _ = parser.parse2(tokens);
    entries
}

/// Parses items separated by commas. After an error, parsing resumes behind the next comma.
fn comma_separated(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut item: impl FnMut(ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    while !input.is_empty() {
        if let Err(error) = item(input, errors) {
            errors.push(error);
            while !input.is_empty() && !input.peek(Token![,]) {
                let _ = input.parse::<TokenTree>();
            }
        }
        let _ = input.parse::<Option<Token![,]>>();
    }
}

fn entry(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Entry> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error("expected a key, such as `type = \"llm\"`"));
    }
    let key = Ident::parse_any(input)?;
    let value = if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        Value::Expr(Box::new(expression(input, &key)?))
    } else if input.peek(syn::token::Paren) {
        let tokens = input.fork().parse::<TokenTree>()?.into_token_stream();
        let content;
        parenthesized!(content in input);
        let mut items = Vec::new();
        comma_separated(&content, errors, |input, _| {
            items.push(self::item(input)?);
            Ok(())
        });
        Value::List(items, tokens)
    } else {
        Value::Absent
    };
    expect_comma_or_end(input)?;
    Ok(Entry { key, value })
}

fn item(input: ParseStream<'_>) -> syn::Result<Item> {
    let named = input.peek2(Token![=]) && !input.peek2(Token![==]);
    if named && input.peek(LitStr) {
        let name: LitStr = input.parse()?;
        input.parse::<Token![=]>()?;
        let value = expression(input, &name)?;
        expect_comma_or_end(input)?;
        return Ok(Item::Pair(Name::Text(name), Box::new(value)));
    }
    if named && input.peek(Ident::peek_any) {
        let name = Ident::parse_any(input)?;
        input.parse::<Token![=]>()?;
        let value = expression(input, &name)?;
        expect_comma_or_end(input)?;
        return Ok(Item::Pair(Name::Ident(name), Box::new(value)));
    }
    let value = input.parse()?;
    expect_comma_or_end(input)?;
    Ok(Item::Single(Box::new(value)))
}

fn expect_comma_or_end(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(input.error("expected `,` before this token"))
}

fn expression(input: ParseStream<'_>, key: &impl ToTokens) -> syn::Result<Expr> {
    if input.is_empty() || input.peek(Token![,]) {
        let message = format!("expected a value after `{} =`", key.to_token_stream());
        return Err(syn::Error::new_spanned(key, message));
    }
    input.parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (Vec<String>, Vec<String>) {
        let mut errors = Errors::default();
        let entries = parse(text.parse().expect("balanced"), &mut errors);
        let names = entries.iter().map(|entry| entry.to_token_stream().to_string()).collect();
        (names, errors.messages())
    }

    #[test]
    fn entries_keep_their_tokens() {
        let (entries, errors) =
            check(r#"type = "llm", labels(a = b, "c" = d,), ok_if = |x: &A<B, C>| f::<A, B>(x), skip,"#);
        let expected = [
            r#"type "llm""#,
            r#"labels (a = b , "c" = d ,)"#,
            "ok_if | x : & A < B , C > | f :: < A , B > (x)",
            "skip",
        ];
        assert_eq!(entries, expected);
        assert_eq!(errors, [""; 0]);
    }

    #[test]
    fn parsing_resumes_behind_an_error() {
        let (entries, errors) = check(r#"type = , 5 = 6, action "x", name = "n", labels(a = , b = c)"#);
        assert_eq!(entries, [r#"name "n""#, "labels (a = , b = c)"]);
        let expected = [
            "expected a value after `type =`",
            "expected a key, such as `type = \"llm\"`",
            "expected `,` before this token",
            "expected a value after `a =`",
        ];
        assert_eq!(errors, expected);
    }
}
