//! Rewrites queries of classic histograms, so that they read the native histogram where it is there.

use promql_parser::label::Labels;
use promql_parser::parser::{AggregateExpr, Expr, LabelModifier, VectorSelector, parse};
use promql_parser::util::visitor::{ExprVisitor, ExprVisitorMut, walk_expr, walk_expr_mut};
use tta_runtime::schema::{Kind, METRICS};

/// Rewrites a query: each part that reads a classic histogram becomes `native or classic`.
///
/// # Errors
///
/// Returns the parser's message if the text is not PromQL.
///
/// ```
/// let query = "histogram_quantile(0.9, sum by (job, le) (rate(tta_workflow_duration_seconds_bucket[5m])))";
/// let rewritten = tta_cli::promql::native::prefer_native(query).unwrap();
/// let native = "histogram_quantile(0.9, sum by (job) (rate(tta_workflow_duration_seconds[5m])))";
/// let one_line = rewritten.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(").replace(" )", ")");
/// assert_eq!(one_line, format!("({native} or {query})"));
/// ```
pub fn prefer_native(query: &str) -> Result<String, String> {
    let mut expression = parse(query)?;
    rewrite(&mut expression)?;
    Ok(expression.prettify())
}

/// Rewrites an expression and those inside of it. The parser's visitors stop altogether at what they need not descend into.
fn rewrite(expression: &mut Expr) -> Result<(), String> {
    let Some(native) = counterpart(expression)? else {
        return match expression {
            Expr::Aggregate(aggregate) => {
                aggregate.param.iter_mut().try_for_each(|parameter| rewrite(parameter))?;
                rewrite(&mut aggregate.expr)
            }
            Expr::Unary(unary) => rewrite(&mut unary.expr),
            Expr::Binary(binary) => rewrite(&mut binary.lhs).and_then(|()| rewrite(&mut binary.rhs)),
            Expr::Paren(paren) => rewrite(&mut paren.expr),
            Expr::Subquery(subquery) => rewrite(&mut subquery.expr),
            Expr::Call(call) => call.args.args.iter_mut().try_for_each(|argument| rewrite(argument)),
            _ => Ok(()),
        };
    };
    *expression = parse(&format!("({native} or {expression})"))?;
    Ok(())
}

/// Returns what computes the same as an expression, and reads the native histogram. `None` if a part of it does so, or nothing.
fn counterpart(expression: &Expr) -> Result<Option<Expr>, String> {
    let read = Read::of(expression)?;
    Ok(match expression {
        Expr::Call(call) if call.func.name == "histogram_quantile" && read.buckets => Some(native(expression)?),
        // The buckets themselves, as a heatmap shows them.
        Expr::Aggregate(aggregate) if groups_by_bucket(aggregate) && read.buckets => Some(native(expression)?),
        Expr::Call(call) if ["rate", "increase"].contains(&call.func.name) => match read.part {
            Some(part) => Some(parse(&format!("histogram_{part}({})", native(expression)?))?),
            None => None,
        },
        _ => None,
    })
}

/// The series of classic histograms that an expression reads.
#[derive(Default)]
struct Read {
    /// `…_bucket`.
    buckets: bool,
    /// `sum` or `count`.
    part: Option<&'static str>,
}

impl Read {
    fn of(expression: &Expr) -> Result<Self, String> {
        let mut read = Self::default();
        walk_expr(&mut read, expression)?;
        Ok(read)
    }

    fn see(&mut self, selector: &VectorSelector) {
        match selector.name.as_deref().and_then(histogram_of) {
            Some((_, "_bucket")) => self.buckets = true,
            Some((_, "_sum")) => self.part = Some("sum"),
            Some(_) => self.part = Some("count"),
            None => {}
        }
    }
}

impl ExprVisitor for Read {
    type Error = String;

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, String> {
        match expression {
            Expr::VectorSelector(selector) => self.see(selector),
            Expr::MatrixSelector(matrix) => self.see(&matrix.vs),
            _ => {}
        }
        Ok(true)
    }
}

/// Returns the histogram that a series is a part of, and the part.
pub fn histogram_of(series: &str) -> Option<(&'static str, &'static str)> {
    let mut histograms = METRICS.iter().filter(|metric| metric.kind == Kind::Histogram).map(|metric| metric.name);
    let part = |name: &'static str| {
        let rest = series.strip_prefix(name)?;
        Some((name, ["_bucket", "_sum", "_count"].into_iter().find(|part| *part == rest)?))
    };
    histograms.find_map(part)
}

fn groups_by_bucket(aggregate: &AggregateExpr) -> bool {
    matches!(&aggregate.modifier, Some(LabelModifier::Include(labels)) if labels.labels.iter().any(|label| label == "le"))
}

/// Returns the same expression of the native histogram, whose series have no label `le`.
fn native(expression: &Expr) -> Result<Expr, String> {
    struct Native;
    impl Native {
        fn rename(selector: &mut VectorSelector) {
            if let Some((histogram, _)) = selector.name.as_deref().and_then(histogram_of) {
                selector.name = Some(histogram.to_owned());
            }
        }
    }
    impl ExprVisitorMut for Native {
        type Error = String;
        fn pre_visit(&mut self, expression: &mut Expr) -> Result<bool, String> {
            match expression {
                Expr::VectorSelector(selector) => Self::rename(selector),
                Expr::MatrixSelector(matrix) => Self::rename(&mut matrix.vs),
                Expr::Aggregate(aggregate) => {
                    if let Some(LabelModifier::Include(Labels { labels })) = &mut aggregate.modifier {
                        labels.retain(|label| label != "le");
                        if labels.is_empty() {
                            aggregate.modifier = None;
                        }
                    }
                }
                _ => {}
            }
            Ok(true)
        }
    }
    let mut native = expression.clone();
    walk_expr_mut(&mut Native, &mut native)?;
    Ok(native)
}

#[cfg(test)]
mod tests {
    use super::prefer_native;

    fn check(query: &str, expected: &str) {
        let one_line = |text: &str| promql_parser::parser::parse(text).expect("it is a query").to_string();
        assert_eq!(one_line(&prefer_native(query).expect("it is a query")), one_line(expected));
    }

    #[test]
    fn quantiles_means_and_buckets_read_the_native_histogram_first() {
        check(
            "sum by (job) (rate(tta_workflow_cost_usd_sum[1h])) / (sum by (job) (rate(tta_workflow_cost_usd_count[1h])) > 0)",
            "sum by (job) ((histogram_sum(rate(tta_workflow_cost_usd[1h])) or rate(tta_workflow_cost_usd_sum[1h])))
             / (sum by (job) ((histogram_count(rate(tta_workflow_cost_usd[1h])) or rate(tta_workflow_cost_usd_count[1h]))) > 0)",
        );
        check(
            "max(histogram_quantile(0.5, sum by (le) (rate(tta_workflow_cost_usd_bucket{job=\"a\"}[5m]))))",
            "max((histogram_quantile(0.5, sum(rate(tta_workflow_cost_usd{job=\"a\"}[5m])))
             or histogram_quantile(0.5, sum by (le) (rate(tta_workflow_cost_usd_bucket{job=\"a\"}[5m])))))",
        );
        check(
            "sum by (le) (increase(tta_workflow_cost_usd_bucket[5m]))",
            "(sum(increase(tta_workflow_cost_usd[5m])) or sum by (le) (increase(tta_workflow_cost_usd_bucket[5m])))",
        );
    }

    #[test]
    fn other_series_are_left_alone() {
        for query in [
            "rate(tta_loops_total[5m])",
            "histogram_quantile(0.5, rate(host_seconds_bucket[5m]))",
            "tta:latency_p95_5m",
        ] {
            check(query, query);
        }
    }
}
