//! Under load, each recorded series has a number, and each alert is asked about series that exist.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use promql_parser::parser::{Expr, parse};
use promql_parser::util::visitor::{ExprVisitor, walk_expr};
use tta_cli::rule::{alert, recording};

use super::collector;
use super::stack::{PATIENCE, Past, Stack, example};

/// What windows are divided by: 15 s between two scrapes become one, 24 hours 48 minutes.
const HASTE: u32 = 30;

/// What alerts ask about that is not there while all is well, and why; the alerts' own cases have it.
const ABSENT: &[(&str, &str)] = &[
    ("tta_llm_unpriced_total", "all models of the example have a price"),
    (
        r#"tta_llm_tokens_total{token_type="cache_write"}"#,
        "the example's models do not charge for writing to their cache",
    ),
];

/// What blocks make that the example is not built of: their own tests record it, and promtool's cases have the rules.
const OTHER_BLOCKS: &[&str] = &["tta_budget_", "tta_timeout_"];

/// Returns the series that a query selects, without windows.
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

#[test]
fn every_rule_has_an_answer_while_the_example_works() {
    let (target, _example) = example(
        "live-recorded-example",
        collector::start(),
        &["--rate", "6", "--faults", "30", "--latency", "0.1", "--note-ttl", "1"],
    );
    // A day and a week ago, of what is compared with them.
    let calls: Past = (
        r#"tta_primitive_executions_total{job="tta-primitives",instance="past",primitive_name="chat",status="success"}"#.to_owned(),
        |since| since.as_secs_f64(),
    );
    let coverage: Past =
        (r#"tta_component_coverage_ratio{job="ci",instance="past",component="cache"}"#.to_owned(), |_| 0.5);
    let (day, week, hour) = (Duration::from_secs(48 * 60), Duration::from_secs(7 * 48 * 60), Duration::from_secs(600));
    let stack = Stack::start(
        "live-recorded",
        HASTE,
        &[target],
        &[(day + hour / 2, hour, calls), (week + hour / 2, hour, coverage)],
    );
    stack.push_components("live-recorded-components");

    let recorded = recording::GROUPS.iter().flat_map(|group| group.rules).map(|rule| rule.name.to_owned());
    let alerts =
        alert::GROUPS.iter().flat_map(|group| group.alerts).map(|alert| alert.query.replace("$job", "tta-primitives"));
    let alerts: Vec<_> = alerts.collect();
    let asked = alerts.iter().flat_map(|query| selectors(query));
    let mut open: BTreeSet<_> =
        recorded.chain(asked).filter(|query| !ABSENT.iter().any(|(absent, _)| absent == query)).collect();
    open.retain(|query| !OTHER_BLOCKS.iter().any(|prefix| query.contains(prefix)));
    assert!(open.len() > 70, "{} queries", open.len());
    let deadline = Instant::now() + PATIENCE;
    while !open.is_empty() {
        assert!(Instant::now() < deadline, "without a number: {open:#?}");
        open.retain(|query| stack.query(query).iter().all(|value| value == "NaN"));
        // The server has nothing to wait on but its next scrape.
        std::thread::park_timeout(Duration::from_millis(500));
    }
    for query in &alerts {
        stack.query(query);
    }
    for (absent, why) in ABSENT {
        assert_eq!(stack.query(absent), Vec::<String>::new(), "{absent} is there, though {why}");
    }
}
