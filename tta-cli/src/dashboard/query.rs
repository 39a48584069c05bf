//! A panel's query: PromQL that refers to recording rules, filtered by the dashboard's variables.

use std::convert::Infallible;

use promql_parser::label::Matcher;
use promql_parser::parser::token::T_EQL_REGEX;
use promql_parser::parser::{Expr, VectorSelector, parse};
use promql_parser::util::visitor::{ExprVisitorMut, walk_expr_mut};

use super::unit::Unit;
use super::variable::Variable;
use crate::promql::catalogue::Catalogue;
use crate::rule::row::Recording;

/// Grafana's variables for windows, with durations that no row has, which replace them while a query is parsed.
pub(super) const WINDOWS: [(&str, &str); 2] = [("$__rate_interval", "1h12m1s"), ("$__range", "1h12m2s")];

/// A panel's query.
#[derive(Clone, Debug)]
pub struct Query {
    /// The PromQL without filters; `$0`, `$1` and so on are the names of the recorded series in `reads`.
    pub expression: &'static str,
    /// The recording rules that it reads.
    pub reads: Vec<&'static Recording>,
    /// The name of a series or a table's column; `{{label}}` is replaced by the label's value.
    pub legend: &'static str,
    /// The unit of its values.
    pub unit: Unit,
    /// The variables that filter it.
    pub scope: Scope,
    /// Whether exemplars are shown.
    pub exemplars: Exemplars,
}

/// The variables that filter a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All variables whose labels the series have.
    Selected,
    /// Job and instance only, for numbers about a whole job.
    Job,
}

/// Whether a query shows exemplars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exemplars {
    /// Points of single calls are shown, with links to their traces.
    Shown,
    /// No exemplars.
    Hidden,
}

impl Query {
    /// Returns a query that reads a recorded series unchanged.
    pub(crate) fn of(rule: &'static Recording, legend: &'static str) -> Self {
        Self::over("$0", [rule], legend, Unit::of(rule.unit))
    }

    /// Returns a query over recorded series.
    pub(crate) fn over<const N: usize>(
        expression: &'static str,
        reads: [&'static Recording; N],
        legend: &'static str,
        unit: Unit,
    ) -> Self {
        Self { expression, reads: reads.into(), legend, unit, scope: Scope::Selected, exemplars: Exemplars::Hidden }
    }

    /// Returns a query over series that programs expose.
    pub(crate) fn raw(expression: &'static str, legend: &'static str, unit: Unit) -> Self {
        Self::over(expression, [], legend, unit)
    }

    /// Filters the query by job and instance only.
    #[must_use]
    pub(crate) fn job_wide(self) -> Self {
        Self { scope: Scope::Job, ..self }
    }

    /// Shows the values in another unit.
    #[must_use]
    pub(crate) fn in_unit(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }

    /// Shows exemplars, which link to traces.
    #[must_use]
    pub(crate) fn with_exemplars(self) -> Self {
        Self { exemplars: Exemplars::Shown, ..self }
    }

    /// Renders the query for Grafana: each selector is filtered by the variables whose labels its series have.
    pub(crate) fn render(&self, variables: &[Variable], catalogue: &Catalogue) -> String {
        let mut text = self.expression.to_owned();
        for (at, rule) in self.reads.iter().enumerate() {
            text = text.replace(&format!("${at}"), rule.name);
        }
        for (window, span) in WINDOWS {
            text = text.replace(window, span);
        }
        let mut expression = parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let filters: Vec<_> = variables
            .iter()
            .filter_map(Variable::filter)
            .filter(|&(label, _)| self.scope == Scope::Selected || ["job", "instance"].contains(&label))
            .collect();
        let Ok(_) = walk_expr_mut(&mut AddFilters { filters: &filters, catalogue }, &mut expression);
        let mut text = expression.prettify();
        for (window, span) in WINDOWS {
            text = text.replace(span, window);
        }
        text
    }
}

struct AddFilters<'a> {
    filters: &'a [(&'static str, &'static str)],
    catalogue: &'a Catalogue,
}

impl AddFilters<'_> {
    fn selector(&self, selector: &mut VectorSelector) {
        let name = selector.name.clone().unwrap_or_default();
        let Some(labels) = self.catalogue.labels(&name) else { panic!("there is no metric `{name}`") };
        for (label, variable) in self.filters.iter().filter(|(label, _)| labels.contains(*label)) {
            let matcher = Matcher::new_matcher(T_EQL_REGEX, (*label).to_owned(), format!("${variable}"));
            selector.matchers.matchers.push(matcher.unwrap_or_else(|error| panic!("{variable}: {error}")));
        }
    }
}

impl ExprVisitorMut for AddFilters<'_> {
    type Error = Infallible;

    fn pre_visit(&mut self, expression: &mut Expr) -> Result<bool, Infallible> {
        match expression {
            Expr::VectorSelector(selector) => self.selector(selector),
            Expr::MatrixSelector(matrix) => self.selector(&mut matrix.vs),
            _ => {}
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::variable::{INSTANCE, JOB, PRIMITIVE};
    use crate::rule::recording::requests;

    #[test]
    fn a_selector_is_filtered_by_the_labels_that_its_series_have() {
        let query = Query::over(
            "rate(tta_primitive_errors_total{error_type=\"io\"}[$__rate_interval]) / on (job) group_left () $0",
            [&requests::REQUEST_RATE],
            "",
            Unit::Ratio,
        );
        let catalogue = Catalogue::shipped([""; 0]);
        let variables = [Variable::Datasource, JOB, INSTANCE, PRIMITIVE];
        let one_line =
            |query: &Query| query.render(&variables, &catalogue).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(
            one_line(&query),
            "rate( tta_primitive_errors_total{error_type=\"io\",instance=~\"$instance\",job=~\"$job\",\
             primitive_name=~\"$primitive\"}[$__rate_interval] ) / on (job) group_left () \
             tta:request_rate_5m{job=~\"$job\"}"
        );
        assert_eq!(
            one_line(&query.clone().job_wide()),
            "rate(tta_primitive_errors_total{error_type=\"io\",instance=~\"$instance\",job=~\"$job\"}[$__rate_interval]) \
             / on (job) group_left () tta:request_rate_5m{job=~\"$job\"}"
        );
    }
}
