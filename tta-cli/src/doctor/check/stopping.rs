//! A program that is being stopped.

use crate::doctor::finding::Finding;
use crate::doctor::program::Program;

pub(super) fn check(program: &Program) -> Vec<Finding> {
    let fault = || "it is stopping, and `/readyz` answers 503".to_owned();
    program
        .is_stopping
        .then(|| Finding::of(program, fault(), "ask again once it has been replaced"))
        .into_iter()
        .collect()
}
