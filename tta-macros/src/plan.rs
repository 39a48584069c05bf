//! The checked attribute of one function: every rule is checked here, and every default is resolved.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Expr, Pat, Path, ReturnType, Type};

use crate::args::{Entry, Value};
use crate::bounded_text::{self, BoundedText};
use crate::buckets::{self, Buckets};
use crate::errors::Errors;
use crate::function::Function;
use crate::keys::{self, Keys, form};
use crate::labels::{self, Label};
use crate::literal;
use crate::loop_guard::{self, LoopGuard};
use crate::outcome_keys;
use crate::parameters;
use crate::peel::peel;
use crate::returned_closure;
use crate::returns::{self, Declared, Deferred, Returns};
use crate::slo::{self, Slo};
use crate::span_attributes::{self, SpanAttribute};
use crate::target::Target;
use crate::type_and_action::{self, TypeAndAction};
use crate::vocabulary::{Place, Role, find_key};

/// Everything that the expansion of one function needs.
pub(crate) struct Plan {
    pub(crate) runtime: Option<Path>,
    pub(crate) role: Role,
    pub(crate) type_name: String,
    pub(crate) action: String,
    pub(crate) name: String,
    /// The function's path within its module, which the key `name` does not change.
    pub(crate) function: String,
    pub(crate) provider: Option<BoundedText>,
    pub(crate) model: Option<BoundedText>,
    pub(crate) tier: Option<BoundedText>,
    pub(crate) usage: Usage,
    pub(crate) request: Option<Expr>,
    pub(crate) labels: Vec<Label>,
    pub(crate) attributes: Vec<SpanAttribute>,
    pub(crate) slo: Slo,
    pub(crate) buckets: Buckets,
    pub(crate) error_type: Option<Expr>,
    pub(crate) ok_if: Option<Expr>,
    pub(crate) timeout_if: Option<Expr>,
    pub(crate) outcome: Option<Expr>,
    pub(crate) content: Option<Expr>,
    pub(crate) loop_guard: Option<LoopGuard>,
    pub(crate) returns: Returns,
    /// The function that tells a returned closure its type.
    pub(crate) closure_type: Option<TokenStream>,
}

/// The source of a call's token usage.
pub(crate) enum Usage {
    /// Not read from the output: the body reports it, or there is none.
    Unread,
    /// The output's `HasUsage`.
    Output,
    /// A closure that takes the output, or its `Ok` value.
    Closure(Expr),
    /// A closure whose argument is written as a `Result`: it takes the whole output.
    ClosureOfResult(Expr),
}

/// Checks the entries for one function. Returns `None` if something that the plan needs is wrong.
pub(crate) fn plan(entries: &[Entry], function: &Function, target: &Target<'_>, errors: &mut Errors) -> Option<Plan> {
    // A missing type is not reported if an entry with an error of its own may be the type.
    let type_may_be_misspelt = !errors.is_empty() || entries.iter().any(|entry| keys::may_replace_type(&entry.name()));
    let keys = Keys::new(entries, errors);
    let parameters = parameters::list(&function.signature, target);
    if keys.get("type").is_none() && !type_may_be_misspelt {
        let message = "`type` is missing; add one, such as `type = \"tool\"`";
        errors.push(syn::Error::new(Span::call_site(), message));
    }
    let type_and_action = type_and_action::read(keys.get("type"), keys.get("action"), errors);
    let declared = keys.get("returns").and_then(|entry| declared_return(entry, function, errors));
    let returns = returns::read(&function.signature, target, declared);
    let closure_type = match &function.signature.output {
        ReturnType::Type(_, written) => returned_closure::identity(written, &function.signature, target),
        ReturnType::Default => None,
    };
    let bounded = |name: &str, errors: &mut Errors| {
        let value = keys.expression(name, errors)?;
        let text = bounded_text::read(value, &parameters, errors);
        if let Some(BoundedText::Top(_, inner)) = &text {
            let inner = inner.to_token_stream();
            errors.at(value, format!("`top(…)` is for labels; write `{name} = capped({inner})`"));
            return None;
        }
        text
    };
    let name = keys.expression("name", errors).and_then(|value| name(value, errors));
    let (provider, model, tier) = (bounded("provider", errors), bounded("model", errors), bounded("tier", errors));
    let role = type_and_action.as_ref().map(|known| known.role);
    let usage = usage(&keys, role, errors);
    let request = keys.expression("request", errors).and_then(|value| request(value, errors));
    let closure_of = |name: &str, errors: &mut Errors| {
        let value = keys.expression(name, errors)?;
        closure(value, name, errors)
    };
    let (ok_if, error_type) = (closure_of("ok_if", errors), closure_of("error_type", errors));
    let (timeout_if, outcome) = (closure_of("timeout_if", errors), closure_of("outcome", errors));
    let content = closure_of("content", errors);
    outcome_keys::check(&keys, role, &function.signature, &returns, errors);
    let runtime = keys.expression("crate", errors).and_then(|value| runtime(value, errors));
    let labels = keys.get("labels").map_or_else(Vec::new, |entry| labels::read(entry, &parameters, errors));
    let attributes = keys.get("attributes").map_or_else(Vec::new, |entry| span_attributes::read(entry, errors));
    let slo = keys.get("slo").map_or_else(Slo::default, |entry| slo::read(entry, errors));
    let loop_guard =
        keys.get("loop_guard").and_then(|entry| loop_guard::read(entry, &function.signature, &returns, errors));
    let buckets = keys.get("buckets").map(|entry| buckets::read(entry, errors));
    let TypeAndAction { role, type_name, action, written } = type_and_action?;
    check_model_keys(&keys, role, &type_name, &written, errors);
    let default_buckets = || buckets::named(role.buckets());
    let function = match target {
        Target::Function => function.name(),
        Target::MethodOf { type_name, .. } => format!("{type_name}::{}", function.name()),
    };
    Some(Plan {
        runtime,
        role,
        name: name.unwrap_or_else(|| function.clone()),
        function,
        type_name,
        action,
        provider,
        model,
        tier,
        usage,
        request,
        labels,
        attributes,
        slo,
        buckets: buckets.unwrap_or_else(default_buckets)?,
        error_type,
        ok_if,
        timeout_if,
        outcome,
        content,
        loop_guard,
        returns,
        closure_type,
    })
}

fn check_model_keys(keys: &Keys<'_>, role: Role, type_name: &str, written: &TokenStream, errors: &mut Errors) {
    if role == Role::Model {
        for (name, instead) in [("provider", "provider = \"openai\""), ("model", "model = \"gpt-4o-mini\"")] {
            if keys.get(name).is_none() {
                errors.at(written, format!("`{type_name}` needs a `{name}`; add `{instead}`"));
            }
        }
        return;
    }
    for entry in &keys.entries {
        let name = entry.name();
        if find_key(&name).is_some_and(|key| key.place == Place::ModelCalls) {
            let message = format!("`{name}` is allowed only on `llm` and `embedding`, not on `{type_name}`; remove it");
            errors.at(&entry.key, message);
        }
    }
}

fn name(value: &Expr, errors: &mut Errors) -> Option<String> {
    let Some(text) = literal::string(value) else {
        errors.at(value, "a name must be a string literal, such as `\"summarise\"`");
        return None;
    };
    let name = text.value();
    let printable = !name.trim().is_empty() && !name.contains(char::is_control);
    if !printable {
        errors.at(&text, "a name must not be empty or contain control characters; write one such as `\"summarise\"`");
    }
    printable.then_some(name)
}

fn usage(keys: &Keys<'_>, role: Option<Role>, errors: &mut Errors) -> Usage {
    match keys.expression("usage", errors) {
        None if role == Some(Role::Model) && keys.get("usage").is_none() => Usage::Output,
        None => Usage::Unread,
        Some(Expr::Path(path)) if path.path.is_ident("manual") || path.path.is_ident("none") => Usage::Unread,
        Some(value) if literal::string(value).is_some() => {
            errors.at(value, "write `usage = |output| …`, `usage = manual` or `usage = none`");
            Usage::Unread
        }
        Some(value) => match closure(value, "usage", errors) {
            Some(closure) if takes_result(&closure) => Usage::ClosureOfResult(closure),
            Some(closure) => Usage::Closure(closure),
            None => Usage::Unread,
        },
    }
}

fn request(value: &Expr, errors: &mut Errors) -> Option<Expr> {
    let wrong = match value {
        Expr::Closure(_) => {
            "a closure is not needed, since the parameters can be used in `request`; write `request = body`"
        }
        Expr::Lit(_) => {
            "`request` must be what serialises as the request's body, such as a parameter; write `request = body`"
        }
        _ => return Some(value.clone()),
    };
    errors.at(value, wrong);
    None
}

/// Returns whether a closure's argument is written as a reference to a `Result`.
fn takes_result(closure: &Expr) -> bool {
    let Expr::Closure(closure) = closure else { return false };
    match closure.inputs.first() {
        Some(Pat::Type(typed)) => match peel(&typed.ty) {
            Type::Reference(reference) => returns::is_result(&reference.elem),
            _ => false,
        },
        _ => false,
    }
}

fn closure(value: &Expr, key: &str, errors: &mut Errors) -> Option<Expr> {
    let fits = match value {
        Expr::Closure(closure) => closure.inputs.len() == 1 && closure.asyncness.is_none(),
        Expr::Lit(_) | Expr::Binary(_) | Expr::Unary(_) | Expr::Tuple(_) | Expr::Array(_) => false,
        _ => true,
    };
    if !fits {
        errors.at(value, format!("`{key}` must be a closure with one argument, such as `{}`", form(key)));
    }
    fits.then(|| value.clone())
}

fn runtime(value: &Expr, errors: &mut Errors) -> Option<Path> {
    // `syn` parses `crate` alone as a path, but not as an expression that is a path.
    let path = syn::parse2(value.to_token_stream()).ok();
    if path.is_none() {
        errors.at(value, "`crate` must be the path of the runtime, such as `::renamed_runtime`");
    }
    path
}

fn declared_return(entry: &Entry, function: &Function, errors: &mut Errors) -> Option<Declared> {
    let word = match &entry.value {
        Value::Expr(value) => match &**value {
            Expr::Path(path) => path.path.get_ident().map(|word| word.unraw().to_string()),
            _ => None,
        },
        _ => None,
    };
    let declared = match word.as_deref() {
        Some("future") => Declared::Deferred(Deferred::Future),
        Some("stream") => Declared::Deferred(Deferred::Stream),
        Some("value") => Declared::Value,
        _ => {
            errors.at(entry, "write `returns = future`, `returns = stream` or `returns = value`");
            return None;
        }
    };
    if declared == Declared::Deferred(Deferred::Future) && function.signature.asyncness.is_some() {
        errors.at(entry, "an `async fn` already returns a future; remove `returns = future`");
        return None;
    }
    Some(declared)
}
