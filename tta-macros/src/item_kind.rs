//! The kind of an annotated item, read from its tokens without parsing it.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// The kind of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemKind {
    Function,
    Impl,
    /// Any other item, by its common name.
    Other(&'static str),
}

/// The keywords that decide the kind. `const` is not one of them, since it may precede `fn`.
const KINDS: &[(&str, ItemKind)] = &[
    ("fn", ItemKind::Function),
    ("impl", ItemKind::Impl),
    ("trait", ItemKind::Other("trait")),
    ("struct", ItemKind::Other("struct")),
    ("enum", ItemKind::Other("enum")),
    ("union", ItemKind::Other("union")),
    ("mod", ItemKind::Other("module")),
    ("type", ItemKind::Other("type alias")),
    ("static", ItemKind::Other("static")),
    ("use", ItemKind::Other("import")),
    ("macro_rules", ItemKind::Other("macro")),
];

/// Returns the kind of an item, and the keyword that decided it.
pub(crate) fn read(item: &TokenStream) -> (ItemKind, Option<Ident>) {
    let mut constant = None;
    for token in without_invisible_groups(item) {
        match token {
            TokenTree::Ident(word) => {
                if let Some((_, kind)) = KINDS.iter().find(|(name, _)| word == *name) {
                    return (*kind, Some(word));
                }
                if word == "const" {
                    constant = Some(word);
                }
            }
            // Attributes, `pub(crate)` and `extern "C"` may precede the keyword; a body, a value or a type may not.
            TokenTree::Punct(punct) if matches!(punct.as_char(), ':' | '=' | ';' | '!') => break,
            _ => {}
        }
    }
    (ItemKind::Other(if constant.is_some() { "constant" } else { "item" }), constant)
}

/// Returns the tokens of an item, with the invisible groups of `macro_rules` unwrapped.
fn without_invisible_groups(item: &TokenStream) -> Vec<TokenTree> {
    let mut tokens = Vec::new();
    for token in item.clone() {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                tokens.extend(without_invisible_groups(&group.stream()));
            }
            token => tokens.push(token),
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(item: &str, expected: ItemKind) {
        assert_eq!(read(&item.parse().expect("balanced")).0, expected);
    }

    #[test]
    fn the_keyword_decides_the_kind() {
        check("#[a(fn)] pub(crate) async unsafe extern \"C\" fn f() { struct S; }", ItemKind::Function);
        check("const fn f() {}", ItemKind::Function);
        check("unsafe impl<T> A for B<T> { fn f() {} }", ItemKind::Impl);
        check("pub unsafe trait A { fn f(); }", ItemKind::Other("trait"));
        check("pub struct A { f: fn() }", ItemKind::Other("struct"));
        check("const A: fn() = f;", ItemKind::Other("constant"));
        check("foo! { fn f() {} }", ItemKind::Other("item"));
    }
}
