//! The keys about outcomes and content on each shape of function.
#![deny(warnings, clippy::pedantic)]
#![allow(clippy::redundant_closure_for_method_calls, clippy::unused_self)]
#![forbid(unsafe_code)]

use std::future::Future;
use std::pin::Pin;

use futures_util::Stream;
use tta_runtime::llm::Usage;
use tta_runtime::{Outcome, primitive};

#[derive(Debug)]
enum Failure {
    Late,
    Missing,
}

impl Failure {
    fn is_late(&self) -> bool {
        matches!(self, Self::Late)
    }
}

fn outcome_of<T>(result: &Result<T, Failure>) -> Outcome {
    match result {
        Ok(_) | Err(Failure::Missing) => Outcome::Success,
        Err(Failure::Late) => Outcome::Timeout,
    }
}

type Reply = Pin<Box<dyn Future<Output = Result<u8, Failure>> + Send>>;

#[primitive(type = "tool", outcome = outcome_of)]
fn in_sync(number: u8) -> Result<u8, Failure> {
    if number == 0 { Err(Failure::Missing) } else { Ok(number) }
}

#[primitive(type = "tool", outcome = |result| result.is_err().then_some(Outcome::Cancelled))]
async fn in_async(number: u8) -> Result<u8, Failure> {
    std::future::ready(()).await;
    if number == 0 { Err(Failure::Late) } else { Ok(number) }
}

#[primitive(type = "tool", outcome = |number| if *number > 3 { Outcome::Failure } else { Outcome::Success })]
fn of_value(number: u8) -> u8 {
    number
}

#[primitive(type = "tool", timeout_if = Failure::is_late)]
fn boxed(number: u8) -> Pin<Box<dyn Future<Output = Result<u8, Failure>> + Send>> {
    Box::pin(async move { if number == 0 { Err(Failure::Late) } else { Ok(number) } })
}

#[primitive(type = "tool", outcome = outcome_of, error_type = Failure::is_late)]
fn hidden(number: u8) -> Reply {
    Box::pin(async move { if number == 0 { Err(Failure::Late) } else { Ok(number) } })
}

#[primitive(
    type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini",
    usage = |item: &Result<u8, Failure>| item.as_ref().err().map(|_| Usage::new(1, 2)),
    content = |item| *item > 0,
    timeout_if = |error| matches!(error, Failure::Late),
)]
fn streamed(number: u8) -> impl Stream<Item = Result<u8, Failure>> {
    futures_util::stream::iter([Ok(number), Err(Failure::Late)])
}

#[primitive(
    type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini",
    usage = none, content = |item| *item > 0, outcome = |item| (*item == 9).then_some(Outcome::Failure),
)]
async fn opened(number: u8) -> Result<impl Stream<Item = u8>, Failure> {
    if number == 0 { Err(Failure::Late) } else { Ok(futures_util::stream::iter([0, number])) }
}

#[primitive(
    type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini",
    usage = none, timeout_if = Failure::is_late,
)]
fn opened_or_late(number: u8) -> Result<impl Stream<Item = Result<u8, Failure>>, Failure> {
    if number == 0 { Err(Failure::Late) } else { Ok(futures_util::stream::iter([Ok(0), Ok(number)])) }
}

struct Client {
    is_open: bool,
}

#[primitive(type = "tool", timeout_if = Failure::is_late)]
impl Client {
    fn late(&self) -> Result<(), Failure> {
        if self.is_open { Ok(()) } else { Err(Failure::Late) }
    }

    #[primitive(outcome = outcome_of)]
    async fn missing(&self) -> Result<(), Failure> {
        if self.is_open { Ok(()) } else { Err(Failure::Missing) }
    }
}

pub(crate) fn main() {
    assert!(in_sync(0).is_err());
    assert_eq!(of_value(4), 4);
    drop((in_async(0), boxed(0), hidden(0), streamed(0), opened(0)));
    assert!(opened_or_late(0).is_err());
    assert!(Client { is_open: false }.late().is_err());
    drop(Client { is_open: false }.missing());
}
