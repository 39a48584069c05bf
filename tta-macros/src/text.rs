//! A value that becomes a label: a literal, a member of a closed set, or text that is kept few.

use syn::{Expr, ExprLit, Lit, LitStr, Type, UnOp};

use crate::errors::Errors;
use crate::parameters::{Nameable, Parameter};
use crate::returns::peel;

/// A label's value, as meant.
#[derive(Clone)]
pub(crate) enum Text {
    Literal(LitStr),
    /// An expression of a `LabelValue` type, with that type where the expression is a plain parameter.
    Closed(Expr, Option<Box<Nameable>>),
    Capped(Expr),
}

/// What to write instead of a value that is no label value.
const ADVICE: &str = "write a string literal, a value of a type that derives `LabelValue`, or";

/// Reads a label's value.
pub(crate) fn read(value: &Expr, parameters: &[Parameter], errors: &mut Errors) -> Option<Text> {
    match value {
        Expr::Group(inner) => read(&inner.expr, parameters, errors),
        Expr::Paren(inner) => read(&inner.expr, parameters, errors),
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let printable = !text.value().is_empty() && !text.value().contains(char::is_control);
            if !printable {
                errors.at(text, "a label value has at least one character and no control characters");
            }
            printable.then(|| Text::Literal(text.clone()))
        }
        Expr::Lit(ExprLit { lit: Lit::Bool(flag), .. }) => {
            Some(Text::Literal(LitStr::new(if flag.value { "true" } else { "false" }, flag.span)))
        }
        Expr::Lit(ExprLit { lit, .. }) => {
            errors.at(lit, format!("a label value is text; write `\"{}\"`", plain(lit)));
            None
        }
        Expr::Unary(unary) if matches!((&unary.op, &*unary.expr), (UnOp::Neg(_), Expr::Lit(_))) => {
            errors.at(value, "a label value is text; write it as a string");
            None
        }
        Expr::Call(call) if is_path(&call.func, "capped") => {
            if let (Some(inner), 1) = (call.args.first(), call.args.len()) {
                return Some(Text::Capped(inner.clone()));
            }
            errors.at(value, "`capped` takes one expression, such as `capped(name)`");
            None
        }
        Expr::Macro(call) if call.mac.path.segments.last().is_some_and(|name| name.ident == "format") => {
            errors.at(value, format!("`format!` can give any number of values; {ADVICE} `capped(format!(…))`"));
            None
        }
        Expr::MethodCall(call) if call.method == "to_string" || call.method == "as_str" => {
            let message = format!("`.{}()` can give any number of values; {ADVICE} `capped(…)`", call.method);
            errors.at(value, message);
            None
        }
        Expr::Path(path) => match path.path.get_ident().and_then(|name| Parameter::find(parameters, name)) {
            Some(parameter) => parameter_value(value, parameter, errors),
            None => Some(Text::Closed(value.clone(), None)),
        },
        _ => Some(Text::Closed(value.clone(), None)),
    }
}

fn parameter_value(value: &Expr, parameter: &Parameter, errors: &mut Errors) -> Option<Text> {
    let Some(endless) = endless(&parameter.written) else {
        return Some(Text::Closed(value.clone(), parameter.nameable.clone().map(Box::new)));
    };
    let name = &parameter.name;
    let instead = match endless {
        Endless::Text => format!("`capped({name})`"),
        Endless::Number => format!("`capped({name}.to_string())`"),
    };
    let written = crate::parameters::text(&parameter.written);
    errors.at(value, format!("`{name}` is a `{written}`, which has any number of values; {ADVICE} {instead}"));
    None
}

/// A well-known type whose values never end.
enum Endless {
    Text,
    Number,
}

fn endless(written: &Type) -> Option<Endless> {
    match peel(written) {
        Type::Reference(inner) => endless(&inner.elem),
        Type::Path(path) => match path.path.segments.last()?.ident.to_string().as_str() {
            "String" | "str" | "Cow" => Some(Endless::Text),
            "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize"
            | "f32" | "f64" | "char" => Some(Endless::Number),
            _ => None,
        },
        _ => None,
    }
}

fn is_path(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Path(path) if path.path.is_ident(name))
}

fn plain(literal: &Lit) -> String {
    match literal {
        Lit::Int(number) => number.base10_digits().to_owned(),
        Lit::Float(number) => number.base10_digits().to_owned(),
        Lit::Char(character) => character.value().to_string(),
        _ => "…".to_owned(),
    }
}
