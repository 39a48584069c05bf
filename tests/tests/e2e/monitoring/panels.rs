//! The shipped dashboards: Prometheus answers every query while programs run.

use std::time::Instant;

use super::question::{self, Question};
use super::stack::Stack;
use super::{PATIENCE, PAUSE};

#[test]
fn only_the_two_panels_about_traces_ask_another_server_than_prometheus() {
    let traces = |panel: &str| ["Agent observability", panel, "jaeger"].map(str::to_owned);
    assert_eq!(question::asked_elsewhere(), ["Latest traces", "Trace timeline"].map(traces));
}

#[test]
fn every_query_to_prometheus_has_an_answer_with_the_labels_that_its_legend_names() {
    let stack = Stack::shared();
    let mut open = question::all();
    assert!(open.len() >= 140, "only {} queries were found", open.len());
    let (asked, started) = (open.len(), Instant::now());
    while !open.is_empty() {
        let mut left = Vec::new();
        for question in open {
            if let Err(reason) = question.ask(&stack) {
                left.push((question, reason));
            }
        }
        if started.elapsed() >= PATIENCE {
            let list = |(question, reason): &(Question, String)| format!("\n{question}\n    {reason}");
            panic!("{} queries without an answer:{}", left.len(), left.iter().map(list).collect::<String>());
        }
        open = left.into_iter().map(|(question, _)| question).collect();
        std::thread::park_timeout(PAUSE);
    }
    eprintln!("{asked} queries of panels had an answer after {:.0?}", started.elapsed());
}
