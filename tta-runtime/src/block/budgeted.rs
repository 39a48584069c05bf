//! A layer that reserves the cost of work from a budget before the work starts.
//!
//! A program makes the layer with [`Budget::reserving`]; [`Budgeted`] is the type of the work with the layer around it.

use std::sync::Arc;

use opentelemetry::KeyValue;

use super::block_call::{BlockCall, BlockCallNames};
use super::error::BlockError;
use super::name::BlockName;
use super::span_name::SpanName;
use super::work::{Block, Layer};
use crate::llm::budget::{Budget, BudgetAmount, Estimate};
use crate::span::SpanDetail;

/// A layer that reserves from a [`Budget`] before the work starts; returned by [`Budget::reserving`].
#[derive(Clone, Debug)]
pub struct Reserving<F> {
    budget: Budget,
    estimate: F,
}

impl Budget {
    /// Makes a layer for blocks that reserves the most that the work may cost for its input, before the work starts.
    ///
    /// If the budget has less left, the work does not start, and the result is [`BlockError::BudgetExceeded`].
    /// Afterwards the actual cost of the model calls inside is spent from the budget, even if they failed or were
    /// cancelled.
    ///
    /// ```
    /// use tta_runtime::block::{Block, BlockError};
    /// use tta_runtime::llm::{Budget, Estimate, Usage};
    /// use tta_runtime::primitive;
    ///
    /// #[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
    /// async fn answer(question: String) -> Result<Usage, String> {
    ///     Ok(Usage::new(1_000, 200))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let budget = Budget::usd(0.01).named("answers");
    /// let estimate = |question: &String| {
    ///     Estimate::tokens("openai", "gpt-4o", question.len() as u64).max_output_tokens(500)
    /// };
    /// let answer = answer.with(budget.reserving(estimate));
    /// answer.run("Where is Bergen?".to_owned()).await.unwrap();
    /// answer.run("And Oslo?".to_owned()).await.unwrap();
    /// let refused = answer.run("And Tromsø?".to_owned()).await.unwrap_err();
    /// assert!(matches!(refused, BlockError::BudgetExceeded(refused) if refused.budget == "answers"));
    /// # }
    /// ```
    pub fn reserving<F>(&self, estimate: F) -> Reserving<F> {
        Reserving { budget: self.clone(), estimate }
    }
}

/// Work with a [`Reserving`] layer around it.
#[derive(Debug)]
pub struct Budgeted<F, W> {
    budget: Budget,
    estimate: F,
    work: W,
}

impl<I, F: Fn(&I) -> Estimate, W: Block<I>> Layer<I, W> for Reserving<F> {
    type Block = Budgeted<F, W>;

    fn around(self, work: W) -> Self::Block {
        Budgeted { budget: self.budget, estimate: self.estimate, work }
    }
}

impl<I, F, W> Block<I> for Budgeted<F, W>
where
    I: Send,
    F: Fn(&I) -> Estimate + Send + Sync,
    W: Block<I>,
{
    type Output = W::Output;
    type Error = W::Error;

    fn name(&self) -> &'static str {
        self.work.name()
    }

    async fn run(&self, input: I) -> Result<W::Output, BlockError<W::Error>> {
        let names = BlockCallNames {
            block: BlockName::Inherited(self.work.name()),
            primitive_type: "budget",
            span: SpanName::Fixed("primitive.budget.run"),
            connection: None,
            detail: SpanDetail::Full,
        };
        let mut call = BlockCall::start(names, Vec::new);
        call.set(KeyValue::new("budget.name", self.budget.name().to_owned()));
        let reservation = match self.budget.reserve_async(&(self.estimate)(&input)).await {
            Ok(reservation) => reservation,
            Err(refused) => {
                let result = Err(BlockError::BudgetExceeded(refused));
                call.end(&result);
                return result;
            }
        };
        call.set(amount_attribute(RESERVED, reservation.amount()));
        call.update_workflow(|workflow| Arc::clone(reservation.ledger()).nest(&mut workflow.ledgers));
        let (result, mut call) = call.instrument(self.work.run(input)).await;
        call.set(amount_attribute(SPENT, reservation.spent()));
        drop(reservation);
        call.end(&result);
        result
    }
}

/// The attributes with the reserved amount, by unit.
const RESERVED: [&str; 3] = ["budget.reserved_usd", "budget.reserved_tokens", "budget.reserved_requests"];

/// The attributes with the spent amount, by unit.
const SPENT: [&str; 3] = ["budget.spent_usd", "budget.spent_tokens", "budget.spent_requests"];

fn amount_attribute([usd, tokens, requests]: [&'static str; 3], amount: BudgetAmount) -> KeyValue {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    match amount {
        BudgetAmount::Usd(amount) => KeyValue::new(usd, amount.to_usd()),
        BudgetAmount::Tokens(amount) => KeyValue::new(tokens, whole(amount)),
        BudgetAmount::Requests(amount) => KeyValue::new(requests, whole(amount)),
    }
}
