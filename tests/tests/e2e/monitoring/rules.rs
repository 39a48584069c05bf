//! The shipped rules: each recorded series has a number, and each alert queries series that exist.

use std::collections::BTreeSet;
use std::time::{Instant, SystemTime};

use promql_parser::parser::{Expr, parse};
use promql_parser::util::visitor::{ExprVisitor, walk_expr};
use serde_json::Value;
use tta_cli::rule::{alert, recording};

use super::stack::{JOB, Stack};
use super::{PATIENCE, PAUSE};

#[test]
fn every_rule_has_an_answer_while_programs_are_at_work() {
    let stack = Stack::shared();
    let recorded = recording::GROUPS.iter().flat_map(|group| group.rules).map(|rule| rule.name.to_owned());
    let alerts = alert::GROUPS.iter().flat_map(|group| group.alerts);
    let asked = alerts.flat_map(|alert| selectors(&alert.query.replace("$job", JOB)));
    let mut open: BTreeSet<_> = recorded.chain(asked).collect();
    assert!(open.len() > 80, "only {} series were found", open.len());
    let (all, started) = (open.len(), Instant::now());
    while !open.is_empty() {
        assert!(started.elapsed() < PATIENCE, "without a number: {open:#?}");
        open.retain(|series| !has_a_number(&stack, series));
        std::thread::park_timeout(PAUSE);
    }
    eprintln!("{all} series that rules record and alerts ask for had a number after {:.0?}", started.elapsed());
}

/// Returns whether a selected series has a number that is newer than the start of the programs.
fn has_a_number(stack: &Stack, selector: &str) -> bool {
    let started = stack.started.duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970").as_secs_f64();
    let query = format!("{selector} and timestamp({selector}) > {started}");
    let Ok(answer) = stack.prometheus.answer("query", &[("query", query.as_str())]) else { return false };
    let series = answer["data"]["result"].as_array().into_iter().flatten();
    series.filter_map(|series| series.pointer("/value/1").and_then(Value::as_str)).any(|value| value != "NaN")
}

/// Returns the selectors of a query, without windows.
fn selectors(query: &str) -> Vec<String> {
    struct Found(Vec<String>);
    impl ExprVisitor for Found {
        type Error = String;
        fn pre_visit(&mut self, expression: &Expr) -> Result<bool, String> {
            let selector = match expression {
                Expr::VectorSelector(selector) => selector,
                Expr::MatrixSelector(matrix) => &matrix.vs,
                _ => return Ok(true),
            };
            let mut selector = selector.clone();
            selector.offset = None;
            self.0.push(selector.to_string());
            Ok(true)
        }
    }
    let mut found = Found(Vec::new());
    walk_expr(&mut found, &parse(query).unwrap_or_else(|error| panic!("{query}: {error}"))).expect("it is walked");
    found.0
}
