//! Work with a cache around it: looking, waiting for others, working, storing.

use std::hash::Hash;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures_util::FutureExt;
use opentelemetry::KeyValue;

use super::Cache;
use super::answer::Answer;
use super::flight::{Flights, Joined, Lead};
use super::key::KeyOf;
use super::tiers::{Label, Store, Tiers, Visit};
use crate::block::error::BlockError;
use crate::block::name::BlockName;
use crate::block::part::{Name, Part, current_recorder, inside};
use crate::block::span_name::SpanName;
use crate::block::work::{Block, Layer};
use crate::model::Ledger;

/// Work with a [`Cache`] around it.
pub struct Cached<W, K, Q: Eq + Hash, V, T> {
    name: BlockName,
    key: K,
    tiers: T,
    flights: Flights<Q, Answer<V>>,
    work: W,
}

impl<I, W, K, S> Layer<I, W> for Cache<S, K>
where
    W: Block<I, Output: Clone + Send + Sync + 'static>,
    K: KeyOf<I>,
    S: Store<K::Key, W::Output>,
{
    type Block = Cached<W, K, K::Key, W::Output, S::Tiers>;

    fn around(self, work: W) -> Self::Block {
        let name = BlockName::of_layer(self.name, work.name());
        let label = Label {
            name: name.as_str(),
            recorder: current_recorder(),
            work: self.name.unwrap_or_else(std::any::type_name::<W>),
            namespace: self.namespace,
            version: self.version,
            time_to_live: self.time_to_live,
        };
        Cached { name, key: self.key, tiers: self.store.open(label), flights: Flights::new(), work }
    }
}

impl<I, W, K, T> Block<I> for Cached<W, K, K::Key, W::Output, T>
where
    I: Send,
    W: Block<I, Output: Clone + Send + Sync + 'static>,
    K: KeyOf<I>,
    T: Tiers<K::Key, W::Output>,
{
    type Output = W::Output;
    type Error = W::Error;

    fn name(&self) -> &'static str {
        self.name.as_str()
    }

    async fn run(&self, input: I) -> Result<W::Output, BlockError<W::Error>> {
        let key = self.key.of(&input);
        // Where no span is recorded there is nothing to start, and a hit takes little more than the look.
        let part = Part::is_needed(self.name).then(|| Self::start(self.name, "primitive.cache.lookup"));
        let mut visit = Visit::new(part.as_ref().map_or_else(current_recorder, Part::recorder));
        let found = match self.tiers.peek(&key, &mut visit) {
            Some(answer) if part.is_none() => {
                answer.count_savings(visit.recorder);
                return Ok(answer.value.clone());
            }
            Some(answer) => Ok(Arc::unwrap_or_clone(answer)),
            None => {
                let key = Arc::new(key.into_owned());
                self.look_up(&key, &mut visit).await.map_err(|lead| (key, lead))
            }
        };
        if let Some(mut part) = part {
            part.set(KeyValue::new("cache.type", visit.cache_type));
            part.set(KeyValue::new("cache.hit", found.is_ok()));
            if let Ok(answer) = &found {
                part.set(KeyValue::new("cache.age_seconds", answer.age().as_secs_f64()));
            }
            part.end(&Ok::<(), BlockError<()>>(()));
        }
        match found {
            Ok(answer) => {
                answer.count_savings(visit.recorder);
                Ok(answer.value)
            }
            Err((key, lead)) => self.work_and_keep(&key, lead, input, &mut visit).await,
        }
    }
}

impl<W, K, Q, V, T> Cached<W, K, Q, V, T>
where
    Q: Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    T: Tiers<Q, V>,
{
    fn start(block: BlockName, span: &'static str) -> Part {
        Part::start(Name { block, primitive_type: "cache", span: SpanName::Of(span), connection: None }, Vec::new)
    }

    /// Looks for an answer, or waits for the one that another call looks or works for; without one, the caller is to work,
    /// for those who wait if it has the lead.
    async fn look_up(&self, key: &Arc<Q>, visit: &mut Visit) -> Result<Answer<V>, Option<Lead<'_, Q, Answer<V>>>> {
        let lead = match self.flights.join(key).await {
            Joined::Found(answer) => {
                self.tiers.coalesced(visit);
                return Ok((*answer).clone());
            }
            Joined::Alone => {
                self.tiers.missed(visit);
                return Err(None);
            }
            Joined::Leads(lead) => lead,
        };
        let Some(answer) = self.tiers.look(key, visit).await else { return Err(Some(lead)) };
        if lead.is_awaited() {
            lead.publish(answer.clone());
        }
        Ok(answer)
    }

    async fn work_and_keep<I>(
        &self,
        key: &Arc<Q>,
        lead: Option<Lead<'_, Q, Answer<V>>>,
        input: I,
        visit: &mut Visit,
    ) -> Result<V, BlockError<W::Error>>
    where
        W: Block<I, Output = V>,
    {
        let ledger = Arc::new(Ledger::default());
        let mut part = Self::start(self.name.again(), "primitive.cache.execute");
        part.change_facts(|workflow| workflow.ledgers.push(Arc::clone(&ledger)));
        let (result, part) = match AssertUnwindSafe(inside(part, self.work.run(input))).catch_unwind().await {
            Ok(ended) => ended,
            Err(payload) => {
                // To those who wait, work that panics is work that fails.
                lead.into_iter().for_each(Lead::fail);
                resume_unwind(payload)
            }
        };
        part.end(&result);
        let output = match result {
            Ok(output) => output,
            Err(error) => {
                lead.into_iter().for_each(Lead::fail);
                return Err(error);
            }
        };
        let answer = Answer::new(output, ledger.costs().await, visit.recorder, std::time::Duration::ZERO);
        // Those who wait need not wait for a backend to store it.
        if let Some(lead) = &lead {
            lead.publish(answer.clone());
        }
        self.tiers.keep(key, answer.clone(), visit).await;
        Ok(answer.value)
    }
}

impl<W, K, Q: Eq + Hash, V, T> std::fmt::Debug for Cached<W, K, Q, V, T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Cached")
            .field("name", &self.name.as_str())
            .field("in_flight", &self.flights.len())
            .finish_non_exhaustive()
    }
}
