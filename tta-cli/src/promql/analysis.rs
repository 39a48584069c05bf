//! Checks queries against a catalogue: whether metrics and labels exist, and which labels the result has.

use promql_parser::label::MatchOp;
use promql_parser::parser::{
    AggregateExpr, BinModifier, BinaryExpr, Call, Expr, LabelModifier, VectorMatchCardinality, VectorSelector, parse,
};

use super::catalogue::{Catalogue, Labels, nearest};
use super::finding::Finding;

/// The inferred type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Type {
    /// A number without labels.
    Scalar,
    /// Series with these labels.
    Vector(Labels),
    /// Series whose labels are unknown, such as those of other programs.
    Unknown,
}

/// Returns the labels of a query's result, `None` if they are unknown.
///
/// ```
/// use tta_cli::promql::{analysis, catalogue::Catalogue};
///
/// let catalogue = Catalogue::shipped([""; 0]);
/// let labels = analysis::labels("sum by (job) (rate(tta_llm_cost_total[1h]))", &catalogue).unwrap();
/// assert_eq!(labels.into_iter().collect::<Vec<_>>(), ["job"]);
/// ```
pub fn labels(query: &str, catalogue: &Catalogue) -> Option<Labels> {
    match Checker::new(catalogue).infer(&parse(query).ok()?) {
        Type::Vector(labels) => Some(labels),
        Type::Scalar => Some(Labels::new()),
        Type::Unknown => None,
    }
}

/// Returns the mistakes in a query, none if it can work.
///
/// ```
/// use tta_cli::promql::{analysis, catalogue::Catalogue};
///
/// let catalogue = Catalogue::shipped([""; 0]);
/// let findings = analysis::findings("sum by (primitive) (tta_primitives_active)", &catalogue);
/// assert_eq!(
///     findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
///     ["there is no metric `tta_primitives_active`; did you mean `tta_primitive_active`?"]
/// );
/// ```
pub fn findings(query: &str, catalogue: &Catalogue) -> Vec<Finding> {
    match parse(query) {
        Err(error) => vec![Finding::Syntax(error)],
        Ok(expression) => {
            let mut checker = Checker::new(catalogue);
            checker.infer(&expression);
            checker.findings
        }
    }
}

/// Returns the finding for a label that is not among `labels`, `None` for one that is.
pub(crate) fn missing(label: &str, labels: &Labels, of: &str) -> Option<Finding> {
    (!labels.contains(label)).then(|| Finding::UnknownLabel {
        label: label.to_owned(),
        of: of.to_owned(),
        nearest: nearest(label, labels.iter().map(String::as_str)).map(str::to_owned),
    })
}

/// Infers types from the bottom up, and collects findings.
struct Checker<'a> {
    catalogue: &'a Catalogue,
    findings: Vec<Finding>,
}

impl<'a> Checker<'a> {
    fn new(catalogue: &'a Catalogue) -> Self {
        Self { catalogue, findings: Vec::new() }
    }

    /// Adds a finding, once.
    fn find(&mut self, finding: Finding) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn infer(&mut self, expression: &Expr) -> Type {
        match expression {
            Expr::VectorSelector(selector) => self.selector(selector),
            Expr::MatrixSelector(matrix) => self.selector(&matrix.vs),
            Expr::Paren(inner) => self.infer(&inner.expr),
            Expr::Unary(inner) => self.infer(&inner.expr),
            Expr::Subquery(inner) => self.infer(&inner.expr),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Type::Scalar,
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Call(call) => self.call(call),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Extension(_) => Type::Unknown,
        }
    }

    fn selector(&mut self, selector: &VectorSelector) -> Type {
        let by_matcher = || {
            let matcher = selector.matchers.matchers.iter().find(|matcher| matcher.name == "__name__")?;
            matches!(matcher.op, MatchOp::Equal).then(|| matcher.value.clone())
        };
        let Some(name) = selector.name.clone().or_else(by_matcher) else { return Type::Unknown };
        let Some(labels) = self.catalogue.labels(&name) else {
            if !self.catalogue.contains(&name) && self.catalogue.looks_misspelled(&name) {
                let nearest = self.catalogue.nearest(&name).map(str::to_owned);
                self.find(Finding::UnknownMetric { name, nearest });
            }
            return Type::Unknown;
        };
        let labels = labels.clone();
        let alternatives = selector.matchers.or_matchers.iter().flatten();
        for matcher in
            selector.matchers.matchers.iter().chain(alternatives).filter(|matcher| matcher.name != "__name__")
        {
            self.expect(&matcher.name, &labels, &format!("`{name}`"));
        }
        Type::Vector(labels)
    }

    /// Adds a finding if `label` is not among `labels`.
    fn expect(&mut self, label: &str, labels: &Labels, of: &str) {
        if let Some(finding) = missing(label, labels, of) {
            self.find(finding);
        }
    }

    fn aggregate(&mut self, aggregate: &AggregateExpr) -> Type {
        let inner = self.infer(&aggregate.expr);
        if let Some(parameter) = &aggregate.param {
            self.infer(parameter);
        }
        if let (Type::Vector(labels), Some(modifier)) = (&inner, &aggregate.modifier) {
            for label in &modifier.labels().labels {
                self.expect(label, labels, &format!("the operand of `{}`", aggregate.op));
            }
        }
        // These select input series and keep their labels; all other aggregations create new series.
        if ["topk", "bottomk", "limitk", "limit_ratio"].contains(&aggregate.op.to_string().as_str()) {
            return inner;
        }
        let result = match (&aggregate.modifier, inner) {
            (None, _) => Type::Vector(Labels::new()),
            (Some(LabelModifier::Include(kept)), _) => Type::Vector(kept.labels.iter().cloned().collect()),
            (Some(LabelModifier::Exclude(dropped)), Type::Vector(labels)) => {
                Type::Vector(labels.into_iter().filter(|label| !dropped.labels.contains(label)).collect())
            }
            (Some(LabelModifier::Exclude(_)), other) => other,
        };
        if aggregate.op.to_string() != "count_values" {
            return result;
        }
        // `count_values` stores each value in the label that its parameter names.
        match (result, aggregate.param.as_deref()) {
            (Type::Vector(mut labels), Some(Expr::StringLiteral(made))) => {
                labels.insert(made.val.clone());
                Type::Vector(labels)
            }
            _ => Type::Unknown,
        }
    }

    fn call(&mut self, call: &Call) -> Type {
        let types: Vec<_> = call.args.args.iter().map(|argument| self.infer(argument)).collect();
        let text = |at: usize| match call.args.args.get(at).map(AsRef::as_ref) {
            Some(Expr::StringLiteral(literal)) => Some(literal.val.clone()),
            _ => None,
        };
        let series = types.iter().find(|argument| **argument != Type::Scalar).cloned();
        match call.func.name {
            "histogram_quantile" => match series {
                Some(Type::Vector(mut labels)) => {
                    if !labels.remove("le") {
                        self.find(Finding::MissingLe);
                    }
                    Type::Vector(labels)
                }
                _ => Type::Unknown,
            },
            "label_replace" | "label_join" => match (series, text(1)) {
                (Some(Type::Vector(mut labels)), Some(target)) => {
                    labels.insert(target);
                    Type::Vector(labels)
                }
                _ => Type::Unknown,
            },
            "absent" | "absent_over_time" => {
                Type::Vector(call.args.args.iter().flat_map(|of| labels_of_absence(of)).collect())
            }
            "scalar" | "time" | "pi" => Type::Scalar,
            "vector" => Type::Vector(Labels::new()),
            _ => series.unwrap_or(Type::Scalar),
        }
    }

    fn binary(&mut self, binary: &BinaryExpr) -> Type {
        let (left, right) = (self.infer(&binary.lhs), self.infer(&binary.rhs));
        let operator = binary.op.to_string();
        let (left, right) = match (left, right) {
            (Type::Scalar, other) | (other, Type::Scalar) => return other,
            (Type::Vector(left), Type::Vector(right)) => (left, right),
            // The result of `and` and `unless` has the left operand's labels, whatever the right one is.
            (left, _) if ["and", "unless"].contains(&operator.as_str()) => return left,
            _ => return Type::Unknown,
        };
        let modifier = binary.modifier.as_ref();
        self.matching(modifier, &operator, &left, &right);
        match operator.as_str() {
            "and" | "unless" => Type::Vector(left),
            "or" => Type::Vector(&left | &right),
            _ => Type::Vector(joined(modifier, &left, &right)),
        }
    }

    /// Adds findings about the labels by which two operands are matched.
    fn matching(&mut self, modifier: Option<&BinModifier>, operator: &str, left: &Labels, right: &Labels) {
        match modifier.and_then(|modifier| modifier.matching.as_ref()) {
            Some(LabelModifier::Include(on)) => {
                for label in &on.labels {
                    self.expect(label, left, &format!("the left side of `{operator}`"));
                    self.expect(label, right, &format!("the right side of `{operator}`"));
                }
            }
            Some(LabelModifier::Exclude(ignored)) => {
                let without =
                    |side: &Labels| side.iter().filter(|&label| !ignored.labels.contains(label)).cloned().collect();
                self.compare(&without(left), &without(right));
            }
            None if operator == "or" => {}
            None => self.compare(left, right),
        }
        let (one, side) = match modifier.map(|modifier| &modifier.card) {
            Some(VectorMatchCardinality::ManyToOne(labels)) => (labels, right),
            Some(VectorMatchCardinality::OneToMany(labels)) => (labels, left),
            _ => return,
        };
        for label in &one.labels {
            self.expect(label, side, &format!("the one side of `{operator}`"));
        }
    }

    fn compare(&mut self, left: &Labels, right: &Labels) {
        if left != right {
            self.find(Finding::LabelMismatch { left: left - right, right: right - left });
        }
    }
}

/// Returns the labels of what `absent` makes of an operand: those that a selector fixes by `=`, and none of other operands.
fn labels_of_absence(operand: &Expr) -> Labels {
    let selector = match operand {
        Expr::VectorSelector(selector) => selector,
        Expr::MatrixSelector(matrix) => &matrix.vs,
        Expr::Paren(inner) => return labels_of_absence(&inner.expr),
        _ => return Labels::new(),
    };
    let fixed = selector.matchers.matchers.iter().filter(|matcher| matches!(matcher.op, MatchOp::Equal));
    fixed.map(|matcher| matcher.name.clone()).filter(|name| name != "__name__").collect()
}

/// Returns the labels of a binary operator's result.
fn joined(modifier: Option<&BinModifier>, left: &Labels, right: &Labels) -> Labels {
    let Some(modifier) = modifier else { return left.clone() };
    match (&modifier.card, &modifier.matching) {
        (VectorMatchCardinality::ManyToOne(extra), _) => left.iter().chain(&extra.labels).cloned().collect(),
        (VectorMatchCardinality::OneToMany(extra), _) => right.iter().chain(&extra.labels).cloned().collect(),
        (_, Some(LabelModifier::Include(on))) => on.labels.iter().cloned().collect(),
        (_, Some(LabelModifier::Exclude(ignored))) => {
            left.iter().filter(|&label| !ignored.labels.contains(label)).cloned().collect()
        }
        (_, None) => left.clone(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(query: &str, expected: &Expect) {
        let catalogue = Catalogue::shipped(["audience"]);
        let mut lines: Vec<_> = findings(query, &catalogue).iter().map(ToString::to_string).collect();
        let labels = labels(query, &catalogue).map(|labels| labels.into_iter().collect::<Vec<_>>().join(" "));
        lines.push(format!("labels: {}", labels.as_deref().unwrap_or("?")));
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn names_and_labels_that_do_not_exist_are_found_with_the_nearest_that_do() {
        check(
            r#"sum by (primitive_nam) (rate(tta_primitive_executions_total{state="failure"}[5m]))"#,
            &expect![[r#"
                `tta_primitive_executions_total` has no label `state`; did you mean `status`?
                the operand of `sum` has no label `primitive_nam`; did you mean `primitive_name`?
                labels: primitive_nam"#]],
        );
        check(
            "tta_execution_duration_seconds",
            &expect![[r#"
            there is no metric `tta_execution_duration_seconds`; did you mean `tta_execution_duration_seconds_sum`?
            labels: ?"#]],
        );
        check(
            "rate(tta:request_rate[5m])",
            &expect![[r#"
            there is no metric `tta:request_rate`; did you mean `tta:request_rate_5m`?
            labels: ?"#]],
        );
        check(
            "ta_primitive_active",
            &expect![[r#"
            there is no metric `ta_primitive_active`; did you mean `tta_primitive_active`?
            labels: ?"#]],
        );
        check(
            "sum by (job, le, audience) (rate(tta_execution_duration_seconds_bucket[5m]))",
            &expect!["labels: audience job le"],
        );
        check("sum by (cpu) (node_cpu_seconds_total)", &expect!["labels: cpu"]);
        check(
            "sum by (job (up)",
            &expect![[r#"
            invalid query: unclosed left parenthesis
            labels: ?"#]],
        );
    }

    #[test]
    fn sides_that_never_match_are_found() {
        check(
            "sum by (job) (tta_primitive_active) / sum by (instance) (tta_primitive_active)",
            &expect![[r#"
            the two sides never match: only the left one has `job`; only the right one has `instance`; aggregate both by the same labels, or say which with `on (…)`
            labels: job"#]],
        );
        check(
            "sum by (job, instance) (up) > on (job, primitive_name) sum by (job) (up)",
            &expect![[r#"
            the left side of `>` has no label `primitive_name`
            the right side of `>` has no label `primitive_name`
            labels: job primitive_name"#]],
        );
        check(
            "tta_primitive_active * on (job) group_left (version) tta_build_info",
            &expect!["labels: audience instance job primitive_name primitive_type version"],
        );
        check(
            "sum by (job) (up) and ignoring (model) sum by (job, model) (tta_llm_cost_total)",
            &expect!["labels: job"],
        );
        check("(sum by (job) (up) or vector(0)) > 1", &expect!["labels: job"]);
    }

    #[test]
    fn counted_values_are_in_a_label_that_the_query_names() {
        check(
            r#"sum by (version) (count_values by (job) ("version", tta_primitive_active))"#,
            &expect!["labels: version"],
        );
        check(r#"count_values("version", tta_build_info)"#, &expect!["labels: version"]);
        check(
            r#"count_values without (instance) ("calls", tta_primitive_active)"#,
            &expect!["labels: audience calls job primitive_name primitive_type"],
        );
    }

    #[test]
    fn what_is_absent_has_the_labels_that_its_selector_fixes() {
        check(r#"absent_over_time(up{job="j",instance=~"x.*"}[5m])"#, &expect!["labels: job"]);
        check("absent((up))", &expect!["labels: "]);
        check(r#"absent(sum by (job) (up{job="j"}))"#, &expect!["labels: "]);
    }

    #[test]
    fn alerts_have_labels_of_their_own() {
        check(r#"count by (job, burn) (ALERTS{slo="availability",burn="fast"}) > 0"#, &expect!["labels: burn job"]);
        check(r#"ALERTS_FOR_STATE{model="m"}"#, &expect!["labels: ?"]);
    }

    #[test]
    fn a_quantile_needs_the_bounds_of_buckets() {
        check(
            "histogram_quantile(0.9, sum by (job) (rate(tta_workflow_duration_seconds_bucket[5m])))",
            &expect![[r#"
                `histogram_quantile` needs the buckets' bounds; add `le` to the labels that are kept
                labels: job"#]],
        );
        check(
            "histogram_quantile(0.9, sum by (job, le) (rate(tta_workflow_duration_seconds_bucket[5m])))",
            &expect!["labels: job"],
        );
        check(
            r#"topk(3, label_replace(tta:latency_p95_5m, "name", "$1", "primitive_name", "(.*)"))"#,
            &expect!["labels: job name primitive_name primitive_type"],
        );
    }
}
