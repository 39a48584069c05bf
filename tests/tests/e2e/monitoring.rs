//! The shipped dashboards over a real Prometheus: every query of every panel has an answer while programs are at work.

mod components;
mod program;
mod question;
mod scene;

use std::time::{Duration, Instant};

use question::Question;
use scene::Scene;

/// A test fails rather than wait longer for an answer.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn every_query_of_every_panel_has_an_answer_with_the_labels_that_its_legend_names() {
    let scene = Scene::start();
    let mut open = question::all();
    assert!(open.len() >= 140, "only {} queries were found", open.len());
    let deadline = Instant::now() + PATIENCE;
    while !open.is_empty() {
        let mut left = Vec::new();
        for question in open {
            if let Err(reason) = question.ask(&scene) {
                left.push((question, reason));
            }
        }
        if Instant::now() >= deadline {
            let list = |(question, reason): &(Question, String)| format!("\n{question}\n    {reason}");
            panic!("{} queries without an answer:{}", left.len(), left.iter().map(list).collect::<String>());
        }
        open = left.into_iter().map(|(question, _)| question).collect();
        // The server has nothing to wait on but its next scrape.
        std::thread::park_timeout(Duration::from_millis(500));
    }
}
