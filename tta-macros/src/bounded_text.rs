//! Values of labels and models: text with a bounded number of values.

use syn::{Expr, ExprLit, Lit, LitInt, LitStr, Type, UnOp};

use crate::errors::Errors;
use crate::parameters::{Nameable, Parameter, type_text};
use crate::peel::peel;
use crate::vocabulary::MAX_TOP;

/// Text with a bounded number of values.
#[derive(Clone)]
pub(crate) enum BoundedText {
    /// A string or `bool` literal.
    Literal(LitStr),
    /// An expression whose type implements `LabelValue`. The type is known if the expression is a plain parameter.
    Closed(Expr, Option<Box<Nameable>>),
    /// `capped(expression)`
    Capped(Expr),
    /// `top(number, expression)`
    Top(LitInt, Expr),
}

/// The start of the advice for a value that is unbounded.
const ADVICE: &str = "write a string literal, a value of a type that derives `LabelValue`, or";

/// Reads a value, and rejects one that is known to be unbounded.
pub(crate) fn read(value: &Expr, parameters: &[Parameter], errors: &mut Errors) -> Option<BoundedText> {
    match value {
        Expr::Group(inner) => read(&inner.expr, parameters, errors),
        Expr::Paren(inner) => read(&inner.expr, parameters, errors),
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let printable = !text.value().is_empty() && !text.value().contains(char::is_control);
            if !printable {
                errors.at(text, "a label value must not be empty or contain control characters; write another text");
            }
            printable.then(|| BoundedText::Literal(text.clone()))
        }
        Expr::Lit(ExprLit { lit: Lit::Bool(flag), .. }) => {
            Some(BoundedText::Literal(LitStr::new(if flag.value { "true" } else { "false" }, flag.span)))
        }
        Expr::Lit(ExprLit { lit, .. }) => {
            errors.at(lit, format!("a label value must be a string; write `\"{}\"`", literal_text(lit)));
            None
        }
        Expr::Unary(unary) if matches!((&unary.op, &*unary.expr), (UnOp::Neg(_), Expr::Lit(_))) => {
            errors.at(value, "a label value must be a string; write it in quotes");
            None
        }
        Expr::Call(call) if is_path(&call.func, "capped") => {
            if let (Some(inner), 1) = (call.args.first(), call.args.len()) {
                return Some(BoundedText::Capped(inner.clone()));
            }
            errors.at(value, "`capped` takes one expression, such as `capped(name)`");
            None
        }
        Expr::Call(call) if is_path(&call.func, "top") => {
            let size = call.args.first().and_then(|size| match size {
                Expr::Lit(ExprLit { lit: Lit::Int(size), .. }) => Some(size.clone()),
                _ => None,
            });
            let fits = |size: &LitInt| size.base10_parse::<usize>().is_ok_and(|size| (1..=MAX_TOP).contains(&size));
            match (size.filter(fits), call.args.get(1), call.args.len()) {
                (Some(size), Some(inner), 2) => return Some(BoundedText::Top(size, inner.clone())),
                _ => errors.at(
                    value,
                    format!("`top` takes a number from 1 to {MAX_TOP} and one expression, such as `top(20, tenant)`"),
                ),
            }
            None
        }
        Expr::Macro(call) if call.mac.path.segments.last().is_some_and(|name| name.ident == "format") => {
            errors.at(value, format!("`format!` returns an unbounded number of values; {ADVICE} `capped(format!(…))`"));
            None
        }
        Expr::MethodCall(call) if call.method == "to_string" || call.method == "as_str" => {
            let message = format!("`.{}()` returns an unbounded number of values; {ADVICE} `capped(…)`", call.method);
            errors.at(value, message);
            None
        }
        Expr::Path(path) => match path.path.get_ident().and_then(|name| Parameter::find(parameters, name)) {
            Some(parameter) => parameter_value(value, parameter, errors),
            None => Some(BoundedText::Closed(value.clone(), None)),
        },
        _ => Some(BoundedText::Closed(value.clone(), None)),
    }
}

fn parameter_value(value: &Expr, parameter: &Parameter, errors: &mut Errors) -> Option<BoundedText> {
    let Some(unbounded) = unbounded(&parameter.written) else {
        return Some(BoundedText::Closed(value.clone(), parameter.nameable.clone().map(Box::new)));
    };
    let name = &parameter.name;
    let instead = match unbounded {
        Unbounded::Text => format!("`capped({name})`"),
        Unbounded::Number => format!("`capped({name}.to_string())`"),
    };
    let written = type_text(&parameter.written);
    errors.at(value, format!("`{name}` is a `{written}`, which has an unbounded number of values; {ADVICE} {instead}"));
    None
}

/// A well-known type with an unbounded number of values.
enum Unbounded {
    Text,
    Number,
}

fn unbounded(written: &Type) -> Option<Unbounded> {
    match peel(written) {
        Type::Reference(inner) => unbounded(&inner.elem),
        Type::Path(path) => match path.path.segments.last()?.ident.to_string().as_str() {
            "String" | "str" | "Cow" => Some(Unbounded::Text),
            "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize"
            | "f32" | "f64" | "char" => Some(Unbounded::Number),
            _ => None,
        },
        _ => None,
    }
}

fn is_path(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Path(path) if path.path.is_ident(name))
}

fn literal_text(literal: &Lit) -> String {
    match literal {
        Lit::Int(number) => number.base10_digits().to_owned(),
        Lit::Float(number) => number.base10_digits().to_owned(),
        Lit::Char(character) => character.value().to_string(),
        _ => "…".to_owned(),
    }
}
