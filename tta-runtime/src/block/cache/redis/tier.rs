//! Answers kept in Redis.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use redis::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Redis;
use super::envelope::{Envelope, Identity};
use super::link::Fault;
use crate::block::cache::answer::Answer;
use crate::block::cache::meter::{Meter, Operation};
use crate::block::cache::tiers::{Label, Store, Tiers, Visit};
use crate::recorder::Recorder;

/// Redis keeps no time to live beyond this.
const LONGEST_TIME_TO_LIVE: Duration = Duration::from_secs(100 * 365 * 86_400);

/// No call waits longer than this, however long it may: moments that are further away cannot be told.
const LONGEST_PATIENCE: Duration = Duration::from_secs(100 * 365 * 86_400);

/// The answers of one cache in Redis.
pub struct RedisTier<Q, V> {
    redis: Redis,
    meter: Meter,
    label: Label,
    answers: PhantomData<fn(Q) -> V>,
}

/// An answer that Redis has, and how long it will.
pub(in crate::block::cache) struct Found<V> {
    pub(in crate::block::cache) answer: Answer<V>,
    /// `None` where it has no end.
    pub(in crate::block::cache) remaining: Option<Duration>,
}

impl<Q: Serialize, V: Serialize + DeserializeOwned> RedisTier<Q, V> {
    pub(in crate::block::cache) fn new(redis: Redis, label: Label) -> Self {
        redis.link();
        let meter = Meter::new(label.recorder, label.name, "redis", Operation::IN_REDIS);
        Self { redis, meter, label, answers: PhantomData }
    }

    /// Looks for an answer, and counts what came of it.
    pub(in crate::block::cache) async fn find(&self, key: &Q, visit: &mut Visit) -> Option<Found<V>> {
        visit.cache_type = self.meter.cache_type;
        let Some(identity) = self.identity(key) else {
            self.meter.count(visit.recorder, Operation::Error);
            return None;
        };
        let start = visit.recorder.clock.now();
        let place = identity.place(self.label.name);
        let mut commands = redis::pipe();
        // One byte more than an answer may have, so that longer values show without being read.
        // Redis counts them in 64 bits, one of which is the sign.
        let last = i64::try_from(self.redis.longest_value).unwrap_or(i64::MAX);
        commands.cmd("GETRANGE").arg(&place).arg(0).arg(last);
        commands.cmd("PTTL").arg(&place);
        let values = self.ask(&place, commands, visit).await;
        let took = visit.recorder.clock.now().0.saturating_sub(start.0);
        let count = |operation| self.meter.time(visit.recorder, operation, took);
        let values = match values {
            Ok(values) => values,
            Err(Fault::Down) => {
                // It was not asked: there is no time to tell.
                self.meter.count(visit.recorder, Operation::Error);
                return None;
            }
            Err(Fault::Silent | Fault::Refused) => {
                count(Operation::Error);
                return None;
            }
        };
        let Some((value, remaining)) = read(&values) else {
            count(Operation::Error);
            return None;
        };
        if value.is_empty() {
            count(Operation::Miss);
            return None;
        }
        let envelope =
            if value.len() > self.redis.longest_value { None } else { Envelope::open(value, &identity).ok() };
        let Some(Envelope { value, costs, stored_ms }) = envelope else {
            count(Operation::Error);
            return None;
        };
        count(Operation::Hit);
        let age = Duration::from_millis(wall_ms(visit.recorder).saturating_sub(stored_ms));
        Some(Found { answer: Answer::new(value, costs, visit.recorder, age), remaining })
    }

    /// Stores an answer, and counts what came of it.
    pub(in crate::block::cache) async fn insert(&self, key: &Q, answer: &Answer<V>, visit: &mut Visit) {
        let operation = self.try_insert(key, answer, visit).await.unwrap_or(Operation::StoreError);
        self.meter.count(visit.recorder, operation);
    }

    async fn try_insert(&self, key: &Q, answer: &Answer<V>, visit: &mut Visit) -> Option<Operation> {
        let identity = self.identity(key)?;
        let bytes = Envelope::seal(&identity, &answer.value, answer.costs(), wall_ms(visit.recorder))?;
        if bytes.len() > self.redis.longest_value {
            return Some(Operation::TooLarge);
        }
        let place = identity.place(self.label.name);
        let mut commands = redis::pipe();
        let command = commands.cmd("SET").arg(&place).arg(bytes);
        if let Some(time_to_live) = self.label.time_to_live {
            command.arg("PX").arg(time_to_live.min(LONGEST_TIME_TO_LIVE).as_millis().max(1) as u64);
        }
        self.ask(&place, commands, visit).await.ok()?;
        Some(Operation::Store)
    }

    /// Counts a look-up for which another call had asked already.
    pub(in crate::block::cache) fn count_unasked(&self, visit: &mut Visit, operation: Operation) {
        visit.cache_type = self.meter.cache_type;
        self.meter.count(visit.recorder, operation);
    }

    fn identity(&self, key: &Q) -> Option<Identity> {
        Identity::of(self.label.work, self.label.version, &self.label.namespace, key)
    }

    /// Asks Redis within what is left of the call's patience; after a failure none is.
    async fn ask(&self, place: &str, commands: redis::Pipeline, visit: &mut Visit) -> Result<Vec<Value>, Fault> {
        let patience = visit.patience.unwrap_or(self.redis.limit);
        if patience.is_zero() {
            return Err(Fault::Down);
        }
        // The recorder's clock may be a test's, and stand still; the wait is real.
        let start = Instant::now();
        let answer = self.redis.link().ask(place, commands, start + patience.min(LONGEST_PATIENCE)).await;
        let is_silent = matches!(answer, Err(Fault::Down | Fault::Silent));
        visit.patience = Some(if is_silent { Duration::ZERO } else { patience.saturating_sub(start.elapsed()) });
        answer
    }
}

/// Takes a value and its remaining time out of the answers.
fn read(values: &[Value]) -> Option<(&[u8], Option<Duration>)> {
    let [Value::BulkString(value), Value::Int(milliseconds)] = values else { return None };
    // Below zero it has no end (-1), or has just ended (-2).
    let remaining = match milliseconds {
        -1 => None,
        milliseconds => Some(Duration::from_millis(u64::try_from(*milliseconds).unwrap_or(0))),
    };
    Some((value, remaining))
}

/// Returns the wall clock's milliseconds since 1970: processes that share a Redis share no other.
fn wall_ms(recorder: &Recorder) -> u64 {
    let now = recorder.clock.anchor().wall(recorder.clock.now());
    now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

impl<Q, V> Store<Q, V> for Redis
where
    Q: Serialize + Send + Sync,
    V: Clone + Serialize + DeserializeOwned + Send + Sync,
{
    type Tiers = RedisTier<Q, V>;

    fn open(self, label: Label) -> RedisTier<Q, V> {
        RedisTier::new(self, label)
    }
}

impl<Q, V> Tiers<Q, V> for RedisTier<Q, V>
where
    Q: Serialize + Send + Sync,
    V: Clone + Serialize + DeserializeOwned + Send + Sync,
{
    fn peek(&self, _: &Q, _: &mut Visit) -> Option<Arc<Answer<V>>> {
        None
    }

    async fn look(&self, key: &Arc<Q>, visit: &mut Visit) -> Option<Answer<V>> {
        Some(self.find(key, visit).await?.answer)
    }

    fn coalesced(&self, visit: &mut Visit) {
        self.count_unasked(visit, Operation::Coalesced);
    }

    fn missed(&self, visit: &mut Visit) {
        self.count_unasked(visit, Operation::Miss);
    }

    async fn keep(&self, key: &Arc<Q>, answer: Answer<V>, visit: &mut Visit) {
        self.insert(key, &answer, visit).await;
    }
}
