//! A layer that runs other work when the work fails.
//!
//! A program adds a [`Fallback`]; [`WithFallbacks`] is the type of the work with the layer around it.

use std::sync::Arc;

use opentelemetry::KeyValue;

use super::block_call::{BlockCall, BlockCallNames, current_recorder};
use super::dyn_block::DynBlock;
use super::error::BlockError;
use super::name::BlockName;
use super::span_name::SpanName;
use super::work::{Block, Layer};
use crate::context::frame::Connection;
use crate::schema::Id;
use crate::span::SpanDetail;

/// Runs fallbacks on the same input, in order, when the work fails, until one returns an output.
///
/// Every error leads to the next fallback, unless [`when`](Self::when) restricts which do. If at least one fallback ran
/// and none succeeded, the error is [`BlockError::AllFailed`], with the last error and those before it. If no fallback
/// ran, it is the error of the work.
///
/// ```
/// use tta_runtime::block::{Block, Fallback};
///
/// async fn dear(_question: &'static str) -> Result<String, String> {
///     Err("overloaded".to_owned())
/// }
///
/// async fn cheap(question: &'static str) -> Result<String, String> {
///     Ok(format!("{question} Hm."))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let answer = dear.with(Fallback::to(cheap));
/// assert_eq!(answer.run("Why?").await.unwrap(), "Why? Hm.");
/// assert!(tta_runtime::metrics_text().contains(r#"tta_fallback_total{primitive_name="dear",used="cheap"} 1"#));
/// # }
/// ```
#[must_use = "layers do nothing unless they are put around work"]
pub struct Fallback<I, O, E> {
    name: Option<&'static str>,
    others: Vec<FallbackWork<I, O, E>>,
    falls_back_on: Option<FallsBackOnFn<E>>,
}

/// A fallback; shared, so that the layer can be cloned.
type FallbackWork<I, O, E> = Arc<dyn DynBlock<I, O, E>>;

/// Decides whether an error leads to the next fallback.
type FallsBackOnFn<E> = Arc<dyn Fn(&BlockError<E>) -> bool + Send + Sync>;

impl<I: Send, O, E> Fallback<I, O, E> {
    /// Makes a layer that runs `other` when the work fails.
    pub fn to(other: impl Block<I, Output = O, Error = E> + 'static) -> Self {
        Self { name: None, others: vec![Arc::new(other)], falls_back_on: None }
    }

    /// Adds another fallback, for when all before it fail.
    pub fn then(mut self, other: impl Block<I, Output = O, Error = E> + 'static) -> Self {
        self.others.push(Arc::new(other));
        self
    }

    /// Falls back only on errors for which `falls_back_on` returns true; other errors are returned at once.
    pub fn when(self, falls_back_on: impl Fn(&BlockError<E>) -> bool + Send + Sync + 'static) -> Self {
        Self { falls_back_on: Some(Arc::new(falls_back_on)), ..self }
    }

    /// Gives the layer a name and a node of its own in the service map.
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }
}

impl<I, O, E> std::fmt::Debug for Fallback<I, O, E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let others: Vec<_> = self.others.iter().map(|other| other.name()).collect();
        formatter.debug_struct("Fallback").field("others", &others).finish_non_exhaustive()
    }
}

impl<I, W: Block<I>> Layer<I, W> for Fallback<I, W::Output, W::Error> {
    type Block = WithFallbacks<I, W, W::Output, W::Error>;

    fn around(self, work: W) -> Self::Block {
        let name = BlockName::of_layer(self.name, work.name());
        let (recorder, others) = (current_recorder(), self.others.iter().map(|other| other.name()));
        for used in ["primary"].into_iter().chain(others).chain(["none"]) {
            recorder.declare(Id::Fallbacks, &[name.as_str(), used]);
        }
        WithFallbacks { name, work, others: self.others, falls_back_on: self.falls_back_on }
    }
}

/// Work with a [`Fallback`] around it.
#[must_use = "blocks do nothing unless they are run"]
pub struct WithFallbacks<I, W, O, E> {
    name: BlockName,
    work: W,
    others: Vec<FallbackWork<I, O, E>>,
    falls_back_on: Option<FallsBackOnFn<E>>,
}

impl<I, W: Clone, O, E> Clone for WithFallbacks<I, W, O, E> {
    fn clone(&self) -> Self {
        let Self { name, work, others, falls_back_on } = self;
        Self { name: *name, work: work.clone(), others: others.clone(), falls_back_on: falls_back_on.clone() }
    }
}

impl<I, W> Block<I> for WithFallbacks<I, W, W::Output, W::Error>
where
    I: Clone + Send + Sync,
    W: Block<I>,
{
    type Output = W::Output;
    type Error = W::Error;

    fn name(&self) -> &'static str {
        self.name.as_str()
    }

    async fn run(&self, input: I) -> Result<W::Output, BlockError<W::Error>> {
        let names = BlockCallNames {
            block: self.name,
            primitive_type: "fallback",
            span: SpanName::Fixed("primitive.fallback.execute"),
            connection: None,
            detail: SpanDetail::Full,
        };
        let call = BlockCall::start(names, Vec::new);
        let recorder = call.recorder();
        let ((result, used), mut call) = call.instrument(self.try_all(input)).await;
        recorder.add(Id::Fallbacks, &[self.name.as_str(), used], 1);
        call.set(KeyValue::new("fallback.used", used));
        call.end(&result);
        result
    }
}

impl<I, W> WithFallbacks<I, W, W::Output, W::Error>
where
    I: Clone + Send + Sync,
    W: Block<I>,
{
    /// Returns the first output or the error, and the value of the label `used`.
    async fn try_all(&self, input: I) -> (Result<W::Output, BlockError<W::Error>>, &'static str) {
        let call = self.start(SpanName::Fixed("primitive.fallback.primary"), None);
        let (result, call) = call.instrument(self.work.run(input.clone())).await;
        call.end(&result);
        let mut last = match result {
            Ok(output) => return (Ok(output), "primary"),
            Err(error) => error,
        };
        let mut before = Vec::new();
        let mut last_name = self.work.name();
        for (index, other) in self.others.iter().enumerate() {
            if self.falls_back_on.as_ref().is_some_and(|falls_back_on| !falls_back_on(&last)) {
                break;
            }
            let call =
                self.start(SpanName::Numbered("primitive.fallback.fallback_", index), Some(Connection::Fallback));
            let (result, call) = call.instrument(other.run(input.clone())).await;
            call.end(&result);
            match result {
                Ok(output) => return (Ok(output), other.name()),
                Err(error) => {
                    before.push((last_name, std::mem::replace(&mut last, error)));
                    last_name = other.name();
                }
            }
        }
        let error = if before.is_empty() { last } else { BlockError::AllFailed { last: Box::new(last), before } };
        (Err(error), "none")
    }

    fn start(&self, span: SpanName, connection: Option<Connection>) -> BlockCall {
        let detail = SpanDetail::Full;
        BlockCall::start(
            BlockCallNames { block: self.name, primitive_type: "fallback", span, connection, detail },
            Vec::new,
        )
    }
}

impl<I, W: std::fmt::Debug, O, E> std::fmt::Debug for WithFallbacks<I, W, O, E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("WithFallbacks").field("work", &self.work).finish_non_exhaustive()
    }
}
