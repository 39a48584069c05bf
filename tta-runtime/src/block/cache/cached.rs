//! Work with a cache around it: look up, join the single flight, run, store.

use std::hash::Hash;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures_util::FutureExt;
use opentelemetry::KeyValue;

use super::Cache;
use super::entry::CacheEntry;
use super::flight::{Joined, Leader, SingleFlight};
use super::key::CacheKey;
use super::on_error::OnError;
use super::settings::CacheSettings;
use super::tiers::{Lookup, Store, Tiers};
use crate::block::block_call::{BlockCall, BlockCallNames, current_recorder};
use crate::block::error::BlockError;
use crate::block::name::BlockName;
use crate::block::span_name::SpanName;
use crate::block::work::{Block, Layer};
use crate::model::Ledger;
use crate::span::SpanDetail;

/// Work with a [`Cache`] around it.
pub struct Cached<W, K, Q: Eq + Hash, V, T> {
    name: BlockName,
    key: K,
    tiers: T,
    flights: SingleFlight<Q, CacheEntry<V>>,
    on_error: OnError,
    work: W,
}

/// The role of a call that found no output.
enum Missed<L> {
    /// It runs the work, and others wait for it.
    Leads(L),
    /// It runs the work for itself.
    Alone,
    /// It fails as those did for which it waited.
    LeaderFailed { attempts: u32 },
}

impl<I, W, K, S> Layer<I, W> for Cache<S, K>
where
    W: Block<I, Output: Clone + Send + Sync + 'static>,
    K: CacheKey<I>,
    S: Store<K::Key, W::Output>,
{
    type Block = Cached<W, K, K::Key, W::Output, S::Tiers>;

    fn around(self, work: W) -> Self::Block {
        let name = BlockName::of_layer(self.name, work.name());
        let settings = CacheSettings {
            name: name.as_str(),
            recorder: current_recorder(),
            #[cfg(feature = "redis")]
            work: self.name.unwrap_or_else(std::any::type_name::<W>),
            #[cfg(feature = "redis")]
            namespace: self.namespace,
            #[cfg(feature = "redis")]
            version: self.version,
            time_to_live: self.time_to_live,
        };
        let (tiers, flights) = (self.store.open(settings), SingleFlight::new());
        Cached { name, key: self.key, tiers, flights, on_error: self.on_error, work }
    }
}

impl<I, W, K, T> Block<I> for Cached<W, K, K::Key, W::Output, T>
where
    I: Send,
    W: Block<I, Output: Clone + Send + Sync + 'static>,
    K: CacheKey<I>,
    T: Tiers<K::Key, W::Output>,
{
    type Output = W::Output;
    type Error = W::Error;

    fn name(&self) -> &'static str {
        self.name.as_str()
    }

    async fn run(&self, input: I) -> Result<W::Output, BlockError<W::Error>> {
        let key = self.key.key(&input);
        // Without a span to record there is no call to start, and a hit costs little more than the look-up.
        let call =
            BlockCall::is_needed(self.name).then(|| Self::start(self.name, "primitive.cache.lookup", SpanDetail::Low));
        let mut lookup = Lookup::new(call.as_ref().map_or_else(current_recorder, BlockCall::recorder));
        let found = match self.tiers.peek(&key, &mut lookup) {
            Some(entry) if call.is_none() => {
                entry.count_savings(lookup.recorder);
                return Ok(entry.value.clone());
            }
            Some(entry) => Ok(Arc::unwrap_or_clone(entry)),
            None => {
                let key = Arc::new(key.into_owned());
                self.look_up(&key, &mut lookup).await.map_err(|leader| (key, leader))
            }
        };
        if let Some(mut call) = call {
            call.set(KeyValue::new("cache.type", lookup.cache_type));
            call.set(KeyValue::new("cache.hit", found.is_ok()));
            if let Ok(entry) = &found {
                call.set(KeyValue::new("cache.age_seconds", entry.age().as_secs_f64()));
            }
            call.end(&Ok::<(), BlockError<()>>(()));
        }
        match found {
            Ok(entry) => {
                entry.count_savings(lookup.recorder);
                Ok(entry.value)
            }
            Err((_, Missed::LeaderFailed { attempts })) => Err(BlockError::LeaderFailed { attempts }),
            Err((key, Missed::Leads(leader))) => self.run_and_store(&key, Some(leader), input, &mut lookup).await,
            Err((key, Missed::Alone)) => self.run_and_store(&key, None, input, &mut lookup).await,
        }
    }
}

impl<W, K, Q, V, T> Cached<W, K, Q, V, T>
where
    Q: Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    T: Tiers<Q, V>,
{
    fn start(block: BlockName, span: &'static str, detail: SpanDetail) -> BlockCall {
        let span = SpanName::Fixed(span);
        BlockCall::start(BlockCallNames { block, primitive_type: "cache", span, connection: None, detail }, Vec::new)
    }

    /// Returns an entry from the tiers or from the leader. Otherwise the caller runs the work, as the leader if it is
    /// given one.
    async fn look_up(
        &self,
        key: &Arc<Q>,
        lookup: &mut Lookup,
    ) -> Result<CacheEntry<V>, Missed<Leader<'_, Q, CacheEntry<V>>>> {
        let leader = match self.flights.join(key).await {
            Joined::Found(entry) => {
                self.tiers.count_coalesced(lookup);
                return Ok((*entry).clone());
            }
            Joined::RunAlone => {
                self.tiers.count_missed(lookup);
                return Err(Missed::Alone);
            }
            Joined::LeaderFailed(attempts) => {
                self.tiers.count_coalesced(lookup);
                return Err(Missed::LeaderFailed { attempts });
            }
            Joined::Leader(leader) => leader,
        };
        let Some(entry) = self.tiers.get(key, lookup).await else { return Err(Missed::Leads(leader)) };
        if leader.is_awaited() {
            leader.publish(entry.clone());
        }
        Ok(entry)
    }

    async fn run_and_store<I>(
        &self,
        key: &Arc<Q>,
        leader: Option<Leader<'_, Q, CacheEntry<V>>>,
        input: I,
        lookup: &mut Lookup,
    ) -> Result<V, BlockError<W::Error>>
    where
        W: Block<I, Output = V>,
    {
        let ledger = Arc::new(Ledger::default());
        let mut call = Self::start(self.name.without_edge(), "primitive.cache.execute", SpanDetail::Full);
        call.update_workflow(|workflow| workflow.ledgers.push(Arc::clone(&ledger)));
        let (result, call) = match AssertUnwindSafe(call.instrument(self.work.run(input))).catch_unwind().await {
            Ok(ended) => ended,
            Err(payload) => {
                // A panic counts as a failure for the waiters.
                if let Some(leader) = leader {
                    leader.fail(self.on_error);
                }
                resume_unwind(payload)
            }
        };
        call.end(&result);
        let output = match result {
            Ok(output) => output,
            Err(error) => {
                if let Some(leader) = leader {
                    leader.fail(self.on_error);
                }
                return Err(error);
            }
        };
        let entry = CacheEntry::new(output, ledger.costs().await, lookup.recorder, std::time::Duration::ZERO);
        // Publish before storing, so that the waiters do not wait for Redis.
        if let Some(leader) = &leader {
            leader.publish(entry.clone());
        }
        self.tiers.store(key, entry.clone(), lookup).await;
        Ok(entry.value)
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
