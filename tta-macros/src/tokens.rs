//! Token streams: visiting each token, and moving tokens to another span.

use proc_macro2::{Span, TokenStream, TokenTree};

/// Calls `visit` for each token, including those inside groups.
pub(crate) fn each_token(tokens: TokenStream, visit: &mut impl FnMut(&TokenTree)) {
    for token in tokens {
        visit(&token);
        if let TokenTree::Group(group) = token {
            each_token(group.stream(), visit);
        }
    }
}

/// Moves the tokens to `span`, where the compiler then shows their errors. Hygiene stays as it was.
pub(crate) fn located_at(tokens: TokenStream, span: Span) -> TokenStream {
    let located = |mut token: TokenTree| {
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.into_iter().map(located).collect()
}
