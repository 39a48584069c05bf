//! Renders queries for files, optionally with shorter windows.

use std::time::Duration;

use promql_parser::parser::{Expr, Offset, parse};
use promql_parser::util::visitor::{ExprVisitorMut, walk_expr_mut};
use promql_parser::util::{display_duration, parse_duration};

pub mod analysis;
pub mod catalogue;
pub mod finding;
pub mod native;

/// Formats a query, with all windows and offsets divided by `speedup`. A long query gets several lines.
///
/// # Errors
///
/// Returns the parser's message if the text is not PromQL.
///
/// ```
/// assert_eq!(tta_cli::promql::render("sum(rate(up[5m]  offset 1h))", 60).unwrap(), "sum(rate(up[5s] offset 1m))");
/// assert!(tta_cli::promql::render("sum(rate(up[5m])", 1).is_err());
/// ```
pub fn render(query: &str, speedup: u32) -> Result<String, String> {
    let mut expression = parse(query)?;
    walk_expr_mut(&mut Shorten(speedup), &mut expression)?;
    Ok(expression.prettify())
}

/// Formats a duration the way Prometheus does, divided by `speedup` and at least 1 s.
///
/// # Panics
///
/// Panics if `text`, which comes from a row, is not a duration such as `30s`, `5m`, `6h` or `3d`.
pub fn format_duration(text: &str, speedup: u32) -> String {
    display_duration(&duration(text, speedup))
}

/// Parses a duration and divides it by `speedup`.
///
/// # Panics
///
/// Panics if `text`, which comes from a row, is not a duration.
pub(crate) fn duration(text: &str, speedup: u32) -> Duration {
    divide(parse_duration(text).unwrap_or_else(|error| panic!("`{text}`: {error}")), speedup)
}

fn divide(duration: Duration, speedup: u32) -> Duration {
    // Whole seconds keep `1m1s333ms` out of files; no window here is shorter than a second.
    Duration::from_secs((duration.as_secs() / u64::from(speedup)).max(1))
}

struct Shorten(u32);

impl Shorten {
    fn offset(&self, offset: &mut Option<Offset>) {
        if let Some(Offset::Pos(duration) | Offset::Neg(duration)) = offset {
            *duration = divide(*duration, self.0);
        }
    }
}

impl ExprVisitorMut for Shorten {
    type Error = String;

    fn pre_visit(&mut self, expression: &mut Expr) -> Result<bool, String> {
        match expression {
            Expr::VectorSelector(selector) => self.offset(&mut selector.offset),
            Expr::MatrixSelector(selector) => {
                selector.range = divide(selector.range, self.0);
                self.offset(&mut selector.vs.offset);
            }
            Expr::Subquery(subquery) => {
                subquery.range = divide(subquery.range, self.0);
                subquery.step = subquery.step.map(|step| divide(step, self.0));
                self.offset(&mut subquery.offset);
            }
            _ => {}
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_windows_are_shortened_alike() {
        assert_eq!(
            render("max_over_time(rate(a[5m] offset 1d)[1h:1m]) > -b offset -2m", 60).as_deref(),
            Ok("max_over_time(rate(a[5s] offset 24m)[1m:1s]) > -b offset -2s")
        );
        assert_eq!(format_duration("1d", 60), "24m");
        assert_eq!(format_duration("30s", 60), "1s");
        assert_eq!(format_duration("90m", 1), "1h30m");
    }
}
