//! The attribute as written: entries with their spans, without judgement.

use proc_macro2::{Ident, TokenStream, TokenTree};
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

/// What stands behind a key.
#[derive(Clone)]
pub(crate) enum Value {
    Absent,
    Expr(Box<Expr>),
    /// The items, and the parenthesized tokens that held them.
    List(Vec<Item>, TokenStream),
}

/// One item of a parenthesized list.
#[derive(Clone)]
pub(crate) enum Item {
    Pair(Name, Box<Expr>),
    Single(Box<Expr>),
}

/// The name of a pair: `audience` or `"document.pages"`.
#[derive(Clone)]
pub(crate) enum Name {
    Ident(Ident),
    Text(LitStr),
}

impl Name {
    /// Returns what the name says.
    pub(crate) fn value(&self) -> String {
        match self {
            Name::Ident(ident) => ident.unraw().to_string(),
            Name::Text(text) => text.value(),
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

/// Reads the attribute's tokens; an entry that cannot be read is reported and passed over.
pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Vec<Entry> {
    let mut entries = Vec::new();
    let parser = |input: ParseStream<'_>| {
        separated(input, errors, |input, errors| {
            entries.push(entry(input, errors)?);
            Ok(())
        });
        Ok(())
    };
    // The closure reads every token and keeps its mistakes to itself, so this cannot fail.
    let _ = parser.parse2(tokens);
    entries
}

/// Reads items until the end; after a mistake, reading goes on behind the next comma.
fn separated(
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
        separated(&content, errors, |input, _| {
            items.push(self::item(input)?);
            Ok(())
        });
        Value::List(items, tokens)
    } else {
        Value::Absent
    };
    ended(input)?;
    Ok(Entry { key, value })
}

fn item(input: ParseStream<'_>) -> syn::Result<Item> {
    let named = input.peek2(Token![=]) && !input.peek2(Token![==]);
    if named && input.peek(LitStr) {
        let name: LitStr = input.parse()?;
        input.parse::<Token![=]>()?;
        let value = expression(input, &name)?;
        ended(input)?;
        return Ok(Item::Pair(Name::Text(name), Box::new(value)));
    }
    if named && input.peek(Ident::peek_any) {
        let name = Ident::parse_any(input)?;
        input.parse::<Token![=]>()?;
        let value = expression(input, &name)?;
        ended(input)?;
        return Ok(Item::Pair(Name::Ident(name), Box::new(value)));
    }
    let value = input.parse()?;
    ended(input)?;
    Ok(Item::Single(Box::new(value)))
}

fn ended(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(input.error("expected `,` before this"))
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
        let entries = parse(text.parse().expect("the test's text has balanced brackets"), &mut errors);
        let names = entries.iter().map(|entry| entry.to_token_stream().to_string()).collect();
        (names, errors.messages())
    }

    #[test]
    fn entries_keep_what_was_written() {
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
    fn reading_goes_on_behind_a_mistake() {
        let (entries, errors) = check(r#"type = , 5 = 6, action "x", name = "n", labels(a = , b = c)"#);
        assert_eq!(entries, [r#"name "n""#, "labels (a = , b = c)"]);
        let expected = [
            "expected a value after `type =`",
            "expected a key, such as `type = \"llm\"`",
            "expected `,` before this",
            "expected a value after `a =`",
        ];
        assert_eq!(errors, expected);
    }
}
