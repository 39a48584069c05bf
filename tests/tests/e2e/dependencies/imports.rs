//! Reads which file of a package imports which other one.
//!
//! A path that begins with `crate`, `super`, `self` or the name of a child names the file of the innermost module in it. The line
//! `mod child;` is no import. Tests are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;

/// The files that each file imports, as paths from the workspace.
pub(super) type Imports = BTreeMap<String, BTreeSet<String>>;

/// A module's path, such as `["rule", "case"]`; that of the crate's root is empty.
type ModulePath = Vec<String>;

/// The modules of a package that are files.
#[derive(Default)]
struct Modules {
    /// The first file of each; a module may have one for each operating system.
    files: BTreeMap<ModulePath, String>,
    /// The code of each, without tests.
    code: Vec<(ModulePath, TokenStream)>,
}

/// Returns the imports of the package with this root file, `lib.rs` or `main.rs`.
pub(super) fn imports(root: &str) -> Imports {
    let mut modules = Modules::default();
    modules.read(&workspace().join(root), Vec::new());
    let mut imports: Imports = modules.files.values().map(|file| (file.clone(), BTreeSet::new())).collect();
    for (module, code) in &modules.code {
        let mut paths = Vec::new();
        collect_paths(code.clone(), &mut paths);
        let imported = paths.iter().filter_map(|path| modules.resolve(module, path)).filter(|found| found != module);
        let files: Vec<_> = imported.map(|found| modules.files[&found].clone()).collect();
        imports.entry(modules.files[module].clone()).or_default().extend(files);
    }
    imports
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in a workspace")
}

impl Modules {
    /// Reads the file of a module, and those of its children.
    fn read(&mut self, file: &Path, module: ModulePath) {
        let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let name = file.strip_prefix(workspace()).expect("it is in the workspace").to_str().expect("it is text");
        self.files.entry(module.clone()).or_insert_with(|| name.to_owned());
        let is_root =
            file.file_name().is_some_and(|name| ["lib.rs", "main.rs", "mod.rs"].iter().any(|root| name == *root));
        let directory = if is_root { file.with_file_name("") } else { file.with_extension("") };
        let mut code = TokenStream::new();
        for item in parsed.items {
            match item {
                syn::Item::Mod(child) if is_test(&child.attrs) => {}
                syn::Item::Mod(child) => {
                    assert!(child.content.is_none(), "{name}: `{}` has no file of its own", child.ident);
                    let path = [module.clone(), vec![child.ident.to_string()]].concat();
                    for file in files_of(&child, &directory) {
                        self.read(&file, path.clone());
                    }
                }
                syn::Item::Use(item) if is_test(&item.attrs) => {}
                item => item.to_tokens(&mut code),
            }
        }
        self.code.push((module, code));
    }

    /// Returns the innermost module in a path that a module names, `None` if the path leads out of the package.
    fn resolve(&self, module: &ModulePath, path: &[String]) -> Option<ModulePath> {
        let mut found = module.clone();
        let mut segments = path.iter().peekable();
        match segments.peek().map(|first| first.as_str()) {
            Some("crate") => found.clear(),
            Some("self" | "super") => {}
            Some(child) if self.files.contains_key(&[found.clone(), vec![child.to_owned()]].concat()) => {}
            _ => return None,
        }
        for segment in segments {
            match segment.as_str() {
                "crate" | "self" => {}
                "super" => drop(found.pop().expect("the root has no parent")),
                name => {
                    let child = [found.clone(), vec![name.to_owned()]].concat();
                    if !self.files.contains_key(&child) {
                        break;
                    }
                    found = child;
                }
            }
        }
        Some(found)
    }
}

/// Returns whether an item is compiled for tests alone, as with `#[cfg(test)]` or `#[cfg(all(test, unix))]`.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    let is_cfg_test = |attribute: &syn::Attribute| {
        let words: Vec<_> = attribute.meta.to_token_stream().into_iter().flat_map(contents).collect();
        let has = |word: &str| words.iter().any(|token| matches!(token, TokenTree::Ident(name) if name == word));
        attribute.path().is_ident("cfg") && has("test") && !has("not") && !has("any")
    };
    attributes.iter().any(is_cfg_test)
}

/// Returns the files of a child: those that `path = "…"` attributes name, or the one that has its name.
fn files_of(child: &syn::ItemMod, directory: &Path) -> Vec<PathBuf> {
    let named: Vec<_> = child.attrs.iter().filter_map(path_attribute).map(|name| directory.join(name)).collect();
    if !named.is_empty() {
        return named;
    }
    let file = directory.join(format!("{}.rs", child.ident));
    vec![if file.exists() { file } else { directory.join(child.ident.to_string()).join("mod.rs") }]
}

/// Returns the file name in `#[path = "…"]` or `#[cfg_attr(…, path = "…")]`.
fn path_attribute(attribute: &syn::Attribute) -> Option<String> {
    let tokens = attribute.meta.to_token_stream().into_iter().collect::<Vec<_>>();
    let flat: Vec<_> = tokens.into_iter().flat_map(contents).collect();
    let at = flat.iter().position(|token| matches!(token, TokenTree::Ident(name) if name == "path"))?;
    let literal: syn::LitStr = syn::parse2(flat.get(at + 2)?.to_token_stream()).ok()?;
    Some(literal.value())
}

/// Returns the tokens in parentheses, or a token that has none.
fn contents(token: TokenTree) -> Vec<TokenTree> {
    match token {
        TokenTree::Group(group) => group.stream().into_iter().flat_map(contents).collect(),
        other => vec![other],
    }
}

/// Adds all paths of at least two segments in some code, those inside of macros and attributes, too.
fn collect_paths(code: TokenStream, paths: &mut Vec<Vec<String>>) {
    let tokens: Vec<_> = code.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) => {
                collect_paths(group.stream(), paths);
                at += 1;
            }
            TokenTree::Ident(_) => at = collect_path(&tokens, at, Vec::new(), paths),
            _ => at += 1,
        }
    }
}

/// Adds the path that begins at an identifier, one for each entry of a list in braces, and returns where the path ends.
fn collect_path(tokens: &[TokenTree], start: usize, prefix: Vec<String>, paths: &mut Vec<Vec<String>>) -> usize {
    let is_separator = |at: usize| [at, at + 1].iter().all(|&at| is_punct(tokens.get(at), ':'));
    let mut path = prefix;
    let mut at = start;
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        path.push(name.to_string());
        at += 1;
        if !is_separator(at) {
            break;
        }
        at += 2;
        if let Some(TokenTree::Group(group)) = tokens.get(at)
            && group.delimiter() == Delimiter::Brace
        {
            let entries: Vec<_> = group.stream().into_iter().collect();
            for entry in entries.split(|token| is_punct(Some(token), ',')).filter(|entry| !entry.is_empty()) {
                collect_path(entry, 0, path.clone(), paths);
            }
            return at + 1;
        }
    }
    if path.len() > 1 {
        paths.push(path);
    }
    at.max(start + 1)
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}
