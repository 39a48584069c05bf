//! Collects every error of one attribute, so that one build reports them all.

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The errors found so far, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Errors {
    list: Vec<syn::Error>,
}

impl Errors {
    /// Adds an error at these tokens.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds an error, unless the same one is there already.
    pub(crate) fn push(&mut self, error: syn::Error) {
        for part in error {
            // The methods of an `impl` block inherit its keys, so each method would repeat the block's errors.
            if !self.list.iter().any(|known| same(known, &part)) {
                self.list.push(part);
            }
        }
    }

    /// Returns whether no error was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns the messages.
    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<String> {
        self.list.iter().map(ToString::to_string).collect()
    }

    /// Converts the errors into `compile_error!` items.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.list.iter().map(syn::Error::to_compile_error).collect()
    }
}

fn same(one: &syn::Error, other: &syn::Error) -> bool {
    one.to_string() == other.to_string() && format!("{:?}", one.span()) == format!("{:?}", other.span())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::{Ident, Span};

    #[test]
    fn the_same_error_is_reported_once() {
        let word = Ident::new("lmm", Span::call_site());
        let mut errors = Errors::default();
        errors.at(&word, "unknown type");
        errors.at(&word, "unknown type");
        errors.at(&word, "another");
        assert_eq!(errors.messages(), ["unknown type", "another"]);
    }
}
