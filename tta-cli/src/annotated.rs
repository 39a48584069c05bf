//! Finds annotated functions in sources, or in a program's metrics.

use std::collections::{BTreeMap, BTreeSet};

use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::visit::Visit;
use syn::{Attribute, Expr, ImplItemFn, ItemFn, ItemImpl, Lit, Meta, Token};
use tta_runtime::View;

/// An annotated function.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Annotated {
    /// The type and the action, such as `llm.generate`; the type alone if the source names no action.
    pub kind: String,
    /// The name in metrics.
    pub name: String,
    /// File and line of a function found in sources, or the number of finished calls of one found in metrics.
    pub place: String,
}

/// Returns the annotated functions of a source file.
///
/// # Errors
///
/// Returns an error if `source` is not Rust.
///
/// ```
/// let source = "#[primitive(type = \"llm\", action = \"chat\")]\nasync fn ask() {}";
/// let found = tta_cli::annotated::in_source(source, "src/lib.rs").unwrap();
/// assert_eq!((found[0].kind.as_str(), found[0].name.as_str(), found[0].place.as_str()), ("llm.chat", "ask", "src/lib.rs:2"));
/// ```
pub fn in_source(source: &str, file: &str) -> syn::Result<Vec<Annotated>> {
    let mut finder = Finder { file, block_keys: None, found: Vec::new() };
    finder.visit_file(&syn::parse_file(source)?);
    Ok(finder.found)
}

/// The counter of finished calls of each function.
const COUNTER: &str = "tta_primitive_executions_total";

/// Returns the annotated functions in a program's metrics, which must have the names of the view `tta`.
pub fn in_metrics(text: &str) -> Vec<Annotated> {
    let mut calls: BTreeMap<(String, String), f64> = BTreeMap::new();
    for line in text.lines() {
        let Some((labels, rest)) = line.strip_prefix(COUNTER).and_then(labels) else { continue };
        let label = |name: &str| labels.iter().find(|(label, _)| *label == name).map(|(_, value)| value.to_owned());
        let (Some(kind), Some(action), Some(name)) =
            (label("primitive_type"), label("action"), label("primitive_name"))
        else {
            continue;
        };
        // The value is the first word after the labels; a timestamp and, in OpenMetrics, an exemplar may follow.
        let value = rest.split_whitespace().next().and_then(|value| value.parse::<f64>().ok());
        *calls.entry((format!("{kind}.{action}"), name)).or_default() += value.unwrap_or_default();
    }
    let one = |((kind, name), calls)| Annotated { kind, name, place: format!("{calls} calls") };
    calls.into_iter().map(one).collect()
}

/// Returns the view in which a program exposes its metrics, if it is not `tta` and functions cannot be listed for that reason.
///
/// Another view may have a metric of the same name with fewer labels. If that view comes first, no function can be listed either.
///
/// ```
/// use tta_cli::annotated::detect_other_view;
/// use tta_runtime::View;
///
/// assert_eq!(detect_other_view("primitive_execution_count_total{primitive_name=\"ask\"} 3"), Some(View::Otel));
/// let listed = "tta_primitive_executions_total{primitive_type=\"llm\",primitive_name=\"ask\",action=\"chat\"} 3\nslo_compliance 1";
/// assert_eq!(detect_other_view(listed), None);
/// assert_eq!(detect_other_view("node_load1 0.5"), None);
/// ```
pub fn detect_other_view(text: &str) -> Option<View> {
    if !in_metrics(text).is_empty() {
        return None;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let names: BTreeSet<_> = text.lines().map(|line| line.split(|c| !is_name(c)).next().unwrap_or_default()).collect();
    let ours: BTreeSet<_> = View::Tta.exposed().into_iter().map(|metric| metric.name).collect();
    let is_shown =
        |name: &str| ["", "_bucket", "_count"].iter().any(|end| names.contains(format!("{name}{end}").as_str()));
    let shown = |view: View| {
        view.exposed().iter().filter(|metric| !ours.contains(&metric.name) && is_shown(&metric.name)).count()
    };
    // Views share names, so the view with most metrics present wins, and the first of equal ones.
    let views = View::ALL.iter().rev().map(|&view| (shown(view), view)).filter(|(shown, _)| *shown > 0);
    views.max_by_key(|(shown, _)| *shown).map(|(_, view)| view)
}

/// Splits the line of a sample, after its name, into its labels and the rest.
pub(crate) fn labels(line: &str) -> Option<(Vec<(&str, String)>, &str)> {
    let mut rest = line.strip_prefix('{')?;
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start_matches(',');
        if let Some(behind) = rest.strip_prefix('}') {
            return Some((labels, behind));
        }
        let (name, quoted) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut characters = quoted.char_indices();
        let end = loop {
            match characters.next()? {
                (at, '"') => break at,
                (_, '\\') => match characters.next()?.1 {
                    'n' => value.push('\n'),
                    escaped => value.push(escaped),
                },
                (_, character) => value.push(character),
            }
        };
        labels.push((name, value));
        rest = &quoted[end + 1..];
    }
}

struct Finder<'a> {
    file: &'a str,
    /// The keys of the enclosing `impl` block's attribute.
    block_keys: Option<Keys>,
    found: Vec<Annotated>,
}

/// The keys of an attribute that decide how a function is listed.
#[derive(Clone, Default)]
struct Keys {
    kind: Option<String>,
    action: Option<String>,
    name: Option<String>,
    skip: bool,
}

impl Finder<'_> {
    fn add(&mut self, attributes: &[Attribute], signature: &syn::Signature) {
        let own = keys(attributes);
        let Some(keys) = own.or_else(|| self.block_keys.clone()).filter(|keys| !keys.skip) else { return };
        let block_keys = self.block_keys.clone().unwrap_or_default();
        let kind = keys.kind.or(block_keys.kind).unwrap_or_else(|| "?".to_owned());
        self.found.push(Annotated {
            kind: keys.action.map_or(kind.clone(), |action| format!("{kind}.{action}")),
            name: keys.name.unwrap_or_else(|| signature.ident.to_string()),
            place: format!("{}:{}", self.file, signature.span().start().line),
        });
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.add(&function.attrs, &function.sig);
        let block_keys = self.block_keys.take();
        syn::visit::visit_item_fn(self, function);
        self.block_keys = block_keys;
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.add(&function.attrs, &function.sig);
        let block_keys = self.block_keys.take();
        syn::visit::visit_impl_item_fn(self, function);
        self.block_keys = block_keys;
    }

    fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
        let outer = std::mem::replace(&mut self.block_keys, keys(&block.attrs));
        syn::visit::visit_item_impl(self, block);
        self.block_keys = outer;
    }
}

/// Returns the keys of `#[primitive(…)]`, `None` without that attribute.
fn keys(attributes: &[Attribute]) -> Option<Keys> {
    let is_ours =
        |attribute: &&Attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "primitive");
    let attribute = attributes.iter().find(is_ours)?;
    let mut keys = Keys::default();
    let text = |value: &Expr| match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    };
    let Ok(entries) = attribute.parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated) else {
        return Some(keys);
    };
    for Entry(key, value) in entries {
        match (key.as_str(), value) {
            ("type", Some(value)) => keys.kind = text(&value),
            ("action", Some(value)) => keys.action = text(&value),
            ("name", Some(value)) => keys.name = text(&value),
            ("skip", None) => keys.skip = true,
            _ => {}
        }
    }
    Some(keys)
}

/// An entry of the attribute: a key, which may be a keyword such as `type`, and the value of `key = value`.
struct Entry(String, Option<Expr>);

impl syn::parse::Parse for Entry {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        use syn::ext::IdentExt as _;
        if input.peek(syn::Ident::peek_any) && input.peek2(Token![=]) {
            let key = input.call(syn::Ident::parse_any)?.to_string();
            input.parse::<Token![=]>()?;
            return Ok(Self(key, Some(input.parse()?)));
        }
        let meta: Meta = input.parse()?;
        Ok(Self(meta.path().get_ident().map(ToString::to_string).unwrap_or_default(), None))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn functions_and_methods_are_found_with_what_their_block_says() {
        let source = r#"
#[tta_runtime::primitive(type = "tool", labels(audience = audience), slo(availability = 99.5), name = "find")]
fn search(audience: Audience) { fn inner() {} }

#[primitive(type = "llm", action = "chat")]
impl Client {
    pub async fn ask(&self) {}
    #[primitive(action = "stream")]
    fn ask_for_long(&self) {}
    #[primitive(skip)]
    fn helper(&self) {}
}

#[instrument]
fn other() {}
"#;
        let found = in_source(source, "a.rs").expect("it is Rust");
        let lines: Vec<_> = found.iter().map(|one| format!("{} {} {}", one.kind, one.name, one.place)).collect();
        expect![[r#"
            tool find a.rs:3
            llm.chat ask a.rs:7
            llm.stream ask_for_long a.rs:9"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn a_programs_metrics_are_added_up_by_function() {
        let text = "\
# TYPE tta_primitive_executions_total counter
tta_primitive_executions_total{primitive_type=\"llm\",primitive_name=\"ask\",action=\"chat\",status=\"success\"} 3
tta_primitive_executions_total{primitive_type=\"llm\",primitive_name=\"ask\",action=\"chat\",status=\"failure\"} 2 # {trace_id=\"a\"} 7.5 1.0
tta_primitive_executions_total{transaction=\"} 9\",primitive_type=\"tool\",primitive_name=\"a \\\"b\\\"\",action=\"call\"} 4 1700000000
tta_primitive_executions_total_of_mine{primitive_type=\"llm\",primitive_name=\"ask\",action=\"chat\"} 1
tta_primitive_active{primitive_type=\"llm\",primitive_name=\"ask\"} 1
";
        let found: Vec<_> = in_metrics(text).into_iter().map(|one| [one.kind, one.name, one.place]).collect();
        assert_eq!(found, [["llm.chat", "ask", "5 calls"], ["tool.call", "a \"b\"", "4 calls"]]);
    }
}
