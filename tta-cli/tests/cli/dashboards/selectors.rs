//! The selectors of a query, each with its window and function.

use promql_parser::parser::{Expr, VectorSelector, parse};

/// Grafana's variables for windows, with durations that no query has, which replace them while a query is parsed.
const WINDOWS: [(&str, &str); 2] = [("$__rate_interval", "1h12m1s"), ("$__range", "1h12m2s")];

/// A selector.
#[derive(Debug)]
pub(super) struct Selected {
    pub(super) name: String,
    /// Labels that a variable filters, with the variable's name.
    pub(super) filters: Vec<(String, String)>,
    /// The function that is applied to its window.
    pub(super) function: Option<&'static str>,
    /// Whether the window is one of Grafana's variables.
    pub(super) follows_time_range: bool,
}

/// Replaces Grafana's variables for windows in a query.
pub(super) fn plain(query: &str) -> String {
    WINDOWS.iter().fold(query.to_owned(), |query, (window, span)| query.replace(window, span))
}

/// Returns all selectors of a query.
///
/// # Errors
///
/// Returns the parser's message if the text is not PromQL.
pub(super) fn selectors(query: &str) -> Result<Vec<Selected>, String> {
    let mut selected = Vec::new();
    walk(&parse(&plain(query))?, None, &mut selected);
    Ok(selected)
}

fn walk(expression: &Expr, function: Option<&'static str>, selected: &mut Vec<Selected>) {
    match expression {
        Expr::VectorSelector(selector) => selected.push(of(selector, None, false)),
        Expr::MatrixSelector(matrix) => {
            let window = format!("{}s", matrix.range.as_secs());
            let follows_time_range = ["4321s", "4322s"].contains(&window.as_str());
            selected.push(of(&matrix.vs, function, follows_time_range));
        }
        Expr::Call(call) => {
            for argument in &call.args.args {
                walk(argument, Some(call.func.name), selected);
            }
        }
        Expr::Aggregate(aggregate) => walk(&aggregate.expr, None, selected),
        Expr::Binary(binary) => {
            walk(&binary.lhs, None, selected);
            walk(&binary.rhs, None, selected);
        }
        Expr::Paren(inner) => walk(&inner.expr, function, selected),
        Expr::Unary(inner) => walk(&inner.expr, function, selected),
        Expr::Subquery(inner) => walk(&inner.expr, function, selected),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

fn of(selector: &VectorSelector, function: Option<&'static str>, follows_time_range: bool) -> Selected {
    let filters = selector.matchers.matchers.iter().filter_map(|matcher| {
        matcher.value.strip_prefix('$').map(|variable| (matcher.name.clone(), variable.to_owned()))
    });
    let name = selector.name.clone().unwrap_or_default();
    Selected { name, filters: filters.collect(), function, follows_time_range }
}
