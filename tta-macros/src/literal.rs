//! String and number literals, also inside the invisible groups that `macro_rules` puts around its fragments.

use syn::{Expr, ExprLit, Lit, LitStr, UnOp};

/// Returns the string literal that an expression is.
pub(crate) fn string(value: &Expr) -> Option<LitStr> {
    match value {
        Expr::Group(inner) => string(&inner.expr),
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        _ => None,
    }
}

/// Returns the value of a number literal, with its sign.
pub(crate) fn number(value: &Expr) -> Option<f64> {
    match value {
        Expr::Group(inner) => number(&inner.expr),
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => number(&unary.expr).map(|number| -number),
        _ => None,
    }
}
