//! An annotated `impl` block: its methods inherit its keys, and may override them.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Generics, Meta, Path, Token, Type};

use crate::args::{self, Entry};
use crate::errors::Errors;
use crate::function::{self, Function};
use crate::keys;
use crate::macro_attributes::{self, Block};
use crate::outcome_keys::excludes;
use crate::parameters::type_text;
use crate::peel::peel;
use crate::plan;
use crate::target::Target;

/// The parts of a block before its braces that the expansion needs.
struct Header {
    attributes: Vec<Attribute>,
    block: Block,
}

/// Expands every method of the block, except those with `skip` and `const fn`s.
pub(crate) fn expand(entries: &[Entry], item: TokenStream, errors: &mut Errors) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.pop() else {
        return tokens.into_iter().collect();
    };
    let head: TokenStream = tokens.into_iter().collect();
    let header = match header.parse2(head.clone()) {
        Ok(header) => header,
        Err(error) => {
            errors.push(error);
            return quote!(#head #body);
        }
    };
    keys::check_block(entries, errors);
    let parser = |input: ParseStream<'_>| {
        let attributes = Attribute::parse_inner(input)?;
        let mut items = quote!(#(#attributes)*);
        while !input.is_empty() {
            items.extend(block_item(input, entries, &header, errors)?);
        }
        Ok(items)
    };
    let items = parser.parse2(body.stream()).unwrap_or_else(|error| {
        errors.push(error);
        body.stream()
    });
    let mut observed = Group::new(Delimiter::Brace, items);
    observed.set_span(body.span());
    quote!(#head #observed)
}

fn header(input: ParseStream<'_>) -> syn::Result<Header> {
    let attributes = Attribute::parse_outer(input)?;
    input.parse::<Option<Token![default]>>()?;
    input.parse::<Option<Token![unsafe]>>()?;
    input.parse::<Token![impl]>()?;
    let generic =
        input.peek(Token![<]) && (input.peek2(Token![>]) || input.peek2(Token![#]) || !input.peek3(Token![as]));
    let generics = if generic { input.parse()? } else { Generics::default() };
    input.parse::<Option<Token![const]>>()?;
    input.parse::<Option<Token![!]>>()?;
    let first: Type = input.parse()?;
    let type_ = if input.peek(Token![for]) {
        input.parse::<Token![for]>()?;
        input.parse()?
    } else {
        first
    };
    input.parse::<TokenStream>()?;
    let of_types = generics.type_params().map(|parameter| parameter.ident.clone());
    let of_constants = generics.const_params().map(|parameter| parameter.ident.clone());
    let block = Block { type_name: type_name(&type_), generics: of_types.chain(of_constants).collect() };
    Ok(Header { attributes, block })
}

fn type_name(written: &Type) -> String {
    match peel(written) {
        Type::Reference(inner) => type_name(&inner.elem),
        Type::Path(path) => {
            path.path.segments.last().map_or_else(String::new, |segment| segment.ident.unraw().to_string())
        }
        written => type_text(written),
    }
}

fn block_item(
    input: ParseStream<'_>,
    entries: &[Entry],
    header: &Header,
    errors: &mut Errors,
) -> syn::Result<TokenStream> {
    let mut attributes = Attribute::parse_outer(input)?;
    let prefix = function::prefix(input)?;
    if !is_function(input) {
        let rest = rest_of_item(input)?;
        return Ok(quote!(#(#attributes)* #prefix #rest));
    }
    let mut own = Vec::new();
    let mut skipped = false;
    attributes.retain(|attribute| {
        let is_own = is_primitive(attribute.path());
        if is_own {
            let arguments = match &attribute.meta {
                Meta::List(list) => list.tokens.clone(),
                _ => TokenStream::new(),
            };
            own.extend(args::parse(arguments, errors));
        }
        !is_own
    });
    own.retain(|entry| {
        let is_skip = entry.name() == "skip";
        skipped |= is_skip;
        !is_skip
    });
    let function = Function::parse_after(attributes, prefix, input)?;
    if skipped {
        if let Some(other) = own.first() {
            errors.at(other, "`skip` excludes this method, so that this key has no effect; remove one of them");
        }
        return Ok(function.into_token_stream());
    }
    if function.signature.constness.is_some() || function.body.is_none() {
        if let Some(own) = own.first() {
            errors.at(own, "a `const fn` may run at compile time, where nothing is recorded; remove the attribute");
        }
        return Ok(function.into_token_stream());
    }
    // The method's own entries override those of the block.
    let inherited = entries
        .iter()
        .filter(|entry| {
            let name = entry.name();
            !own.iter().any(|other| other.name() == name || excludes(&other.name(), &name))
        })
        .filter(|entry| entry.name() != "name");
    let merged: Vec<Entry> = own.iter().chain(inherited).cloned().collect();
    let Block { type_name, generics } = &header.block;
    let plan = plan::plan(&merged, &function, &Target::MethodOf { type_name, generics }, errors);
    match plan.filter(|_| errors.is_empty()) {
        Some(plan) if macro_attributes::has_any(&function.attributes) => {
            Ok(macro_attributes::hand_on(&merged, &plan, &header.block, &function))
        }
        Some(plan) => Ok(crate::expand::expand(&plan, function, &header.attributes)),
        None => Ok(function.into_token_stream()),
    }
}

fn is_primitive(path: &Path) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == "primitive")
}

/// Returns whether `fn` follows, after any of `const`, `async`, `unsafe` and `extern "C"`.
fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while !ahead.is_empty() {
        if ahead.peek(Token![fn]) {
            return true;
        }
        let qualifier = ahead.peek(Token![const])
            || ahead.peek(Token![async])
            || ahead.peek(Token![unsafe])
            || ahead.peek(Token![extern])
            || ahead.peek(syn::LitStr);
        if !qualifier || ahead.parse::<TokenTree>().is_err() {
            return false;
        }
    }
    false
}

/// Parses the tokens of a constant, a type or a macro call, up to its end.
fn rest_of_item(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let is_macro = !input.peek(Token![const]) && !input.peek(Token![type]);
    let mut tokens = TokenStream::new();
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => is_macro && group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        tokens.extend([token]);
        if ends {
            break;
        }
    }
    Ok(tokens)
}

/// Returns the block as it was, without its methods' attributes.
pub(crate) fn without_attributes(item: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.pop() else {
        return tokens.into_iter().collect();
    };
    let parser = |input: ParseStream<'_>| {
        let attributes = Attribute::parse_inner(input)?;
        let mut items = quote!(#(#attributes)*);
        while !input.is_empty() {
            let mut attributes = Attribute::parse_outer(input)?;
            let prefix = function::prefix(input)?;
            if is_function(input) {
                attributes.retain(|attribute| !is_primitive(attribute.path()));
                Function::parse_after(attributes, prefix, input)?.to_tokens(&mut items);
            } else {
                let rest = rest_of_item(input)?;
                items.extend(quote!(#(#attributes)* #prefix #rest));
            }
        }
        Ok(items)
    };
    let items = parser.parse2(body.stream()).unwrap_or_else(|_| body.stream());
    let mut block = Group::new(Delimiter::Brace, items);
    block.set_span(body.span());
    let head: TokenStream = tokens.into_iter().collect();
    quote!(#head #block)
}
