//! The attribute as meant: every rule about keys is checked here, and every default is resolved.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Expr, Path};

use crate::args::{Entry, Value};
use crate::buckets::{self, Buckets};
use crate::errors::Errors;
use crate::function::Function;
use crate::keys::{self, Keys, form, literal};
use crate::labels::{self, Attribute, Label};
use crate::parameters::{self, Outer};
use crate::returns::{self, Hidden, Returns};
use crate::slo::{self, Slo};
use crate::text::{self, Text};
use crate::vocabulary::{Place, Role, find_key};
use crate::words;

/// What to record about one function.
pub(crate) struct Plan {
    pub(crate) runtime: Option<Path>,
    pub(crate) role: Role,
    pub(crate) type_name: String,
    pub(crate) action: String,
    pub(crate) name: String,
    /// The function's path in its module, whatever the call is named.
    pub(crate) function: String,
    pub(crate) provider: Option<Text>,
    pub(crate) model: Option<Text>,
    pub(crate) tier: Option<Text>,
    pub(crate) usage: Usage,
    pub(crate) labels: Vec<Label>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) slo: Slo,
    pub(crate) buckets: Buckets,
    pub(crate) error_type: Option<Expr>,
    pub(crate) ok_if: Option<Expr>,
    pub(crate) returns: Returns,
}

/// Where a call's tokens come from.
pub(crate) enum Usage {
    /// Nobody reads them from the output: the body reports them, or there are none.
    Unread,
    /// The output's type knows.
    Output,
    Closure(Expr),
}

/// Where the function stands.
pub(crate) enum Surroundings<'a> {
    /// The attribute stands on the function, which may or may not be a method.
    Alone,
    /// The attribute stands on an `impl` block.
    Block { type_name: &'a str, generics: &'a [Ident] },
}

/// Checks the entries for one function; the plan is absent where something that it needs is wrong.
pub(crate) fn plan(
    entries: &[Entry],
    function: &Function,
    surroundings: &Surroundings<'_>,
    errors: &mut Errors,
) -> Option<Plan> {
    // What could not be read, or was written for something near, may have been the type.
    let type_may_be_meant = !errors.is_empty() || entries.iter().any(|entry| keys::is_near_type(&entry.name()));
    let keys = Keys::new(entries, errors);
    let outer = match surroundings {
        Surroundings::Alone => Outer::Unknown,
        Surroundings::Block { generics, .. } => Outer::Known(generics),
    };
    let parameters = parameters::list(&function.signature, &outer);
    if keys.get("type").is_none() && !type_may_be_meant {
        let message = "`type` is missing; write what the function is, such as `type = \"tool\"`";
        errors.push(syn::Error::new(Span::call_site(), message));
    }
    let subject = words::subject(keys.get("type"), keys.get("action"), errors);
    let hidden = keys.get("returns").and_then(|entry| hidden(entry, function, errors));
    let returns = returns::read(&function.signature, hidden);
    let model = |name: &str, errors: &mut Errors| {
        let value = keys.expression(name, errors)?;
        text::read(value, &parameters, errors)
    };
    let name = keys.expression("name", errors).and_then(|value| name(value, errors));
    let (provider, named, tier) = (model("provider", errors), model("model", errors), model("tier", errors));
    let usage = usage(&keys, subject.as_ref().map(|subject| subject.role), errors);
    let ok_if = keys.expression("ok_if", errors).and_then(|value| closure(value, "ok_if", errors));
    let error_type = keys.expression("error_type", errors).and_then(|value| closure(value, "error_type", errors));
    let runtime = keys.expression("crate", errors).and_then(|value| runtime(value, errors));
    let labels = keys.get("labels").map_or_else(Vec::new, |entry| labels::labels(entry, &parameters, errors));
    let attributes = keys.get("attributes").map_or_else(Vec::new, |entry| labels::attributes(entry, errors));
    let slo = keys.get("slo").map_or_else(Slo::default, |entry| slo::read(entry, form("slo"), errors));
    let buckets = keys.get("buckets").map(|entry| buckets::read(entry, errors));
    let subject = subject?;
    check_model_keys(&keys, &subject, errors);
    let default_buckets = || buckets::named(subject.role.buckets());
    let function = match surroundings {
        Surroundings::Alone => function.name(),
        Surroundings::Block { type_name, .. } => format!("{type_name}::{}", function.name()),
    };
    Some(Plan {
        runtime,
        role: subject.role,
        name: name.unwrap_or_else(|| function.clone()),
        function,
        type_name: subject.type_name,
        action: subject.action,
        provider,
        model: named,
        tier,
        usage,
        labels,
        attributes,
        slo,
        buckets: buckets.unwrap_or_else(default_buckets)?,
        error_type,
        ok_if,
        returns,
    })
}

fn check_model_keys(keys: &Keys<'_>, subject: &words::Subject, errors: &mut Errors) {
    let type_name = &subject.type_name;
    if subject.role == Role::Model {
        for (name, instead) in [("provider", "provider = \"openai\""), ("model", "model = \"gpt-4o-mini\"")] {
            if keys.get(name).is_none() {
                errors.at(&subject.written, format!("`{type_name}` needs a `{name}`; add `{instead}`"));
            }
        }
        return;
    }
    for entry in &keys.entries {
        let name = entry.name();
        if find_key(&name).is_some_and(|key| key.place == Place::ModelCalls) {
            let message = format!("`{name}` belongs to `llm` and `embedding`, and this is a `{type_name}`");
            errors.at(&entry.key, message);
        }
    }
}

fn name(value: &Expr, errors: &mut Errors) -> Option<String> {
    let Some(text) = literal(value) else {
        errors.at(value, "a name is a string literal, such as `\"summarise\"`");
        return None;
    };
    let name = text.value();
    let printable = !name.trim().is_empty() && !name.contains(char::is_control);
    if !printable {
        errors.at(&text, "a name has at least one letter and no control characters");
    }
    printable.then_some(name)
}

fn usage(keys: &Keys<'_>, role: Option<Role>, errors: &mut Errors) -> Usage {
    match keys.expression("usage", errors) {
        None if role == Some(Role::Model) && keys.get("usage").is_none() => Usage::Output,
        None => Usage::Unread,
        Some(Expr::Path(path)) if path.path.is_ident("manual") || path.path.is_ident("none") => Usage::Unread,
        Some(value) if literal(value).is_some() => {
            errors.at(value, "write `usage = |output| …`, `usage = manual` or `usage = none`");
            Usage::Unread
        }
        Some(value) => closure(value, "usage", errors).map_or(Usage::Unread, Usage::Closure),
    }
}

fn closure(value: &Expr, key: &str, errors: &mut Errors) -> Option<Expr> {
    let fits = match value {
        Expr::Closure(closure) => closure.inputs.len() == 1 && closure.asyncness.is_none(),
        Expr::Lit(_) | Expr::Binary(_) | Expr::Unary(_) | Expr::Tuple(_) | Expr::Array(_) => false,
        _ => true,
    };
    if !fits {
        errors.at(value, format!("`{key}` is a closure of one argument, such as `{}`", form(key)));
    }
    fits.then(|| value.clone())
}

fn runtime(value: &Expr, errors: &mut Errors) -> Option<Path> {
    // `crate` alone and `::renamed` are paths, too, but the first is no expression that `syn` would call one.
    let path = syn::parse2(value.to_token_stream()).ok();
    if path.is_none() {
        errors.at(value, "`crate` is a path to the runtime, such as `::renamed_runtime`");
    }
    path
}

fn hidden(entry: &Entry, function: &Function, errors: &mut Errors) -> Option<Hidden> {
    let word = match &entry.value {
        Value::Expr(value) => match &**value {
            Expr::Path(path) => path.path.get_ident().map(|word| word.unraw().to_string()),
            _ => None,
        },
        _ => None,
    };
    let hidden = match word.as_deref() {
        Some("future") => Hidden::Future,
        Some("stream") => Hidden::Stream,
        _ => {
            errors.at(entry, "write `returns = future` or `returns = stream`");
            return None;
        }
    };
    if hidden == Hidden::Future && function.signature.asyncness.is_some() {
        errors.at(entry, "an `async fn` is a future itself; `returns = future` is for a function that is not `async`");
        return None;
    }
    Some(hidden)
}
