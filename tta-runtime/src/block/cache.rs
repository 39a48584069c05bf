//! Answers that are kept, so that the same question costs nothing the second time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use moka::notification::RemovalCause;
use opentelemetry::KeyValue;

use super::error::BlockError;
use super::name::BlockName;
use super::part::{Name, Part, inside};
use super::work::{Block, Layer};
use crate::clock::Monotonic;
use crate::frame::with_current;
use crate::model::{Ledger, ModelName, NanoUsd};
use crate::recorder::Recorder;
use crate::schema::Id;

/// Keeps the outputs of the work that it is put around.
///
/// Errors are not kept. While one call works on a key, others that ask for the same key wait for it; where it fails or
/// is dropped, the next of them takes over. A hit bills no tokens, and counts as saved what the answer had cost.
///
/// ```
/// use std::time::Duration;
/// use tta_runtime::block::{Block, Cache};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let length = |text: String| async move { Ok::<_, String>(text.len()) };
/// let cached = length.with(Cache::memory("lengths", 1_000, String::clone).ttl(Duration::from_secs(3_600)));
/// assert_eq!(cached.run("four".to_owned()).await, Ok(4));
/// assert_eq!(cached.run("four".to_owned()).await, Ok(4));
/// assert!(tta_runtime::metrics_text().contains(
///     r#"tta_cache_operations_total{primitive_name="lengths",cache_type="memory",operation="hit"} 1"#
/// ));
/// # }
/// ```
#[derive(Debug)]
pub struct Cache<K> {
    name: &'static str,
    capacity: u64,
    time_to_live: Option<Duration>,
    key: K,
}

/// The label `cache_type` of a cache in memory.
const MEMORY: &str = "memory";

impl<K> Cache<K> {
    /// Makes a cache in memory for at most `capacity` answers; `key` returns what two inputs with the same answer have
    /// in common, the tenant included where answers must not cross tenants.
    pub fn memory(name: &'static str, capacity: u64, key: K) -> Self {
        Self { name, capacity, time_to_live: None, key }
    }

    /// Forgets answers this long after they were stored.
    #[must_use]
    pub fn ttl(self, time_to_live: Duration) -> Self {
        Self { time_to_live: Some(time_to_live), ..self }
    }
}

/// Work with a [`Cache`] around it.
pub struct Cached<K, W, V> {
    name: &'static str,
    key: K,
    work: W,
    answers: moka::future::Cache<String, Answer<V>>,
    flights: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// A kept answer, and what it had cost.
#[derive(Clone)]
struct Answer<V> {
    value: V,
    costs: Arc<[(ModelName, NanoUsd)]>,
    stored: Monotonic,
}

impl<I, K, W> Layer<I, W> for Cache<K>
where
    K: Fn(&I) -> String + Send + Sync,
    W: Block<I, Output: Clone + Send + Sync + 'static>,
{
    type Block = Cached<K, W, W::Output>;

    fn around(self, work: W) -> Self::Block {
        let builder = moka::future::Cache::builder().max_capacity(self.capacity);
        let builder = match self.time_to_live {
            Some(time_to_live) => builder.time_to_live(time_to_live),
            None => builder,
        };
        let name = self.name;
        // Evictions happen in whichever call finds them due, which need not be one of the recorder that stored.
        let builder = builder.eviction_listener(move |_, _, cause| {
            let operation = match cause {
                RemovalCause::Expired => "expire",
                RemovalCause::Size => "evict",
                RemovalCause::Explicit | RemovalCause::Replaced => return,
            };
            if let Some(recorder) = with_current(|frame| frame.recorder) {
                recorder.add(Id::CacheOperations, &[name, MEMORY, operation], 1);
            }
        });
        Cached { name, key: self.key, work, answers: builder.build(), flights: Mutex::default() }
    }
}

/// What a look-up found.
enum Found<V> {
    Answer(Answer<V>),
    /// Nothing: the caller is to work, and holds the others back until it drops this.
    Nothing(tokio::sync::OwnedMutexGuard<()>),
}

impl<I, K, W> Block<I> for Cached<K, W, W::Output>
where
    I: Send,
    K: Fn(&I) -> String + Send + Sync,
    W: Block<I, Output: Clone + Send + Sync + 'static>,
{
    type Output = W::Output;
    type Error = W::Error;

    fn name(&self) -> &'static str {
        self.name
    }

    async fn run(&self, input: I) -> Result<W::Output, BlockError<W::Error>> {
        let key = (self.key)(&input);
        let look_up = self.start("primitive.cache.lookup");
        let recorder = look_up.recorder();
        let ((operation, found, took), mut look_up) = inside(look_up, self.look_up(&key, recorder)).await;
        recorder.add(Id::CacheOperations, &[self.name, MEMORY, operation], 1);
        recorder.add(Id::CacheLatency, &[self.name, MEMORY, operation], took);
        look_up.set(KeyValue::new("cache.type", MEMORY));
        look_up.set(KeyValue::new("cache.hit", operation != "miss"));
        match found {
            Found::Answer(answer) => {
                let age = recorder.clock.now().since(answer.stored);
                look_up.set(KeyValue::new("cache.age_seconds", age.as_secs_f64()));
                count_savings(recorder, &answer.costs);
                look_up.succeed();
                Ok(answer.value)
            }
            Found::Nothing(_flight) => {
                look_up.succeed();
                self.work_and_store(key, input).await
            }
        }
    }
}

impl<K, W, V: Clone + Send + Sync + 'static> Cached<K, W, V> {
    fn start(&self, span: &'static str) -> Part {
        Part::start(
            Name { block: BlockName::Own(self.name), primitive_type: "cache", span: span.into(), connection: None },
            Vec::new,
        )
    }

    /// Looks for an answer, and waits where another call is working on it; the nanoseconds are of the look alone.
    async fn look_up(&self, key: &str, recorder: &Recorder) -> (&'static str, Found<V>, u64) {
        let start = recorder.clock.now();
        let answer = self.answers.get(key).await;
        let took = recorder.clock.now().0.saturating_sub(start.0);
        if let Some(answer) = answer {
            return ("hit", Found::Answer(answer), took);
        }
        let flight = self.flight(key);
        let lock = match Arc::clone(&flight).try_lock_owned() {
            Ok(lock) => lock,
            Err(_) => flight.lock_owned().await,
        };
        // Whoever held the lock may have stored the answer, just now or just before the first look.
        match self.answers.get(key).await {
            Some(answer) => ("coalesced", Found::Answer(answer), took),
            None => ("miss", Found::Nothing(lock), took),
        }
    }

    /// Returns the lock that whoever works on a key holds.
    fn flight(&self, key: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(key).and_then(Weak::upgrade) {
            return flight;
        }
        flights.retain(|_, flight| flight.strong_count() > 0);
        let flight = Arc::default();
        flights.insert(key.to_owned(), Arc::downgrade(&flight));
        flight
    }

    async fn work_and_store<I>(&self, key: String, input: I) -> Result<V, BlockError<W::Error>>
    where
        W: Block<I, Output = V>,
    {
        let ledger = Arc::new(Ledger::default());
        let mut part = self.start("primitive.cache.execute");
        part.change_facts(|facts| facts.ledgers.push(Arc::clone(&ledger)));
        let recorder = part.recorder();
        let (result, part) = inside(part, self.work.run(input)).await;
        part.end(&result);
        let value = result?;
        let answer = Answer { value: value.clone(), costs: ledger.costs().await.into(), stored: recorder.clock.now() };
        self.answers.insert(key, answer).await;
        recorder.add(Id::CacheOperations, &[self.name, MEMORY, "store"], 1);
        self.answers.run_pending_tasks().await;
        if let Some(entries) = recorder.gauge(Id::CacheEntries, &[self.name]) {
            entries.set(self.answers.entry_count() as i64);
        }
        Ok(value)
    }
}

fn count_savings(recorder: &Recorder, costs: &[(ModelName, NanoUsd)]) {
    for (ModelName { provider, model }, cost) in costs {
        recorder.add(Id::LlmSavings, &[provider, model, "cache"], cost.0);
    }
}

impl<K, W, V> std::fmt::Debug for Cached<K, W, V> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Cached").field("name", &self.name).finish_non_exhaustive()
    }
}
