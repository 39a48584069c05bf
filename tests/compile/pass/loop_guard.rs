//! Every form of the key `loop_guard`, on every kind of function that may have it.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]
#![allow(clippy::unused_async, clippy::needless_pass_by_value)]

use std::pin::Pin;

use tta_runtime::{RunStopped, WorkflowContext, primitive};

#[derive(Debug, PartialEq)]
enum Failure {
    Stopped(RunStopped),
}

impl From<RunStopped> for Failure {
    fn from(stopped: RunStopped) -> Self {
        Self::Stopped(stopped)
    }
}

type Answer = Result<usize, Failure>;

#[primitive(type = "tool", loop_guard)]
fn plain(city: &str) -> Result<usize, Failure> {
    Ok(city.len())
}

#[primitive(type = "tool", loop_guard(repeats = 3, period = 3, steps = 50, cost_usd = 0.5))]
async fn with_limits(city: String, mut days: u8) -> Result<usize, Failure> {
    days += 1;
    Ok(city.len() + usize::from(days))
}

#[primitive(type = "tool", loop_guard(arguments = (request.0, request.1 + 1)))]
async fn by_parts(request: (String, u8, f64)) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    Ok(request.0)
}

#[primitive(type = "tool", loop_guard(polled, count_only))]
fn polled(share: f64) -> Result<f64, String> {
    Ok(share)
}

#[primitive(type = "tool", loop_guard)]
fn of_alias(n: u8) -> Answer {
    Ok(usize::from(n))
}

#[primitive(type = "tool", loop_guard)]
fn generic<T: std::hash::Hash, const N: usize>(values: [T; N]) -> std::io::Result<usize> {
    Ok(values.len())
}

#[primitive(type = "tool", loop_guard)]
fn with_question_mark(city: &str) -> Result<usize, Failure> {
    let found = plain(city)?;
    if found > 5 {
        return Ok(found);
    }
    Ok(0)
}

struct Tools(Vec<f64>);

#[primitive(type = "tool", loop_guard)]
impl Tools {
    fn add(&mut self, n: u32) -> Result<usize, Failure> {
        self.0.push(f64::from(n));
        Ok(self.0.len())
    }

    async fn consume(self: Box<Self>) -> Result<usize, Failure> {
        Ok(self.0.len())
    }

    #[primitive(loop_guard = off)]
    fn total(self: Pin<&mut Self>) -> f64 {
        self.0.iter().sum()
    }
}

pub(crate) fn main() {
    WorkflowContext::new().run(|| {
        assert_eq!(plain("Bergen"), Ok(6));
        assert_eq!(futures_executor::block_on(with_limits("Oslo".to_owned(), 1)), Ok(6));
        let request = || ("Oslo".to_owned(), 1, 0.5);
        for _ in 0..3 {
            assert_eq!(futures_executor::block_on(by_parts(request())).ok().as_deref(), Some("Oslo"));
        }
        assert!(futures_executor::block_on(by_parts(request())).is_err());
        for _ in 0..5 {
            assert_eq!(polled(0.5), Ok(0.5));
        }
        for _ in 0..3 {
            assert_eq!(of_alias(2), Ok(2));
        }
        let stopped = RunStopped::Loop { cycle: vec!["of_alias"], times: 3 };
        assert_eq!(of_alias(2), Err(Failure::Stopped(stopped)));
        assert_eq!(generic([1, 2]).ok(), Some(2));
        assert_eq!(with_question_mark("Bergen"), Ok(6));
        let mut tools = Tools(Vec::new());
        assert_eq!((tools.add(1), tools.add(2)), (Ok(1), Ok(2)));
        assert!((Pin::new(&mut tools).total() - 3.0).abs() < 1e-9);
        assert_eq!(futures_executor::block_on(Box::new(tools).consume()), Ok(2));
    });
}
