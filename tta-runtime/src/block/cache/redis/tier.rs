//! The Redis tier.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use redis::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::envelope::{Envelope, Identity};
use crate::block::cache::entry::CacheEntry;
use crate::block::cache::meter::{Operation, TierMeter};
use crate::block::cache::settings::CacheSettings;
use crate::block::cache::tiers::{Lookup, Store, Tiers};
use crate::recorder::Recorder;
use crate::redis::{Fault, Redis};

/// Redis rejects a longer time to live.
const MAX_TIME_TO_LIVE: Duration = Duration::from_secs(100 * 365 * 86_400);

/// A longer wait could overflow an `Instant`.
const MAX_WAIT: Duration = Duration::from_secs(100 * 365 * 86_400);

/// The entries of one cache in Redis.
pub struct RedisTier<Q, V> {
    redis: Redis,
    meter: TierMeter,
    settings: CacheSettings,
    answers: PhantomData<fn(Q) -> V>,
}

/// An entry in Redis, and its remaining time to live.
pub(in crate::block::cache) struct RedisHit<V> {
    pub(in crate::block::cache) entry: CacheEntry<V>,
    /// `None` for no limit.
    pub(in crate::block::cache) remaining: Option<Duration>,
}

impl<Q: Serialize, V: Serialize + DeserializeOwned> RedisTier<Q, V> {
    pub(in crate::block::cache) fn new(redis: Redis, settings: CacheSettings) -> Self {
        redis.cache_link();
        let meter = TierMeter::new(settings.recorder, settings.name, "redis", Operation::IN_REDIS);
        Self { redis, meter, settings, answers: PhantomData }
    }

    /// Looks up an entry, and records the result.
    pub(in crate::block::cache) async fn find(&self, key: &Q, lookup: &mut Lookup) -> Option<RedisHit<V>> {
        lookup.cache_type = self.meter.cache_type;
        let Some(identity) = self.identity(key) else {
            self.meter.count(lookup.recorder, Operation::Error);
            return None;
        };
        let start = lookup.recorder.clock.now();
        let redis_key = identity.redis_key(self.settings.name);
        let mut commands = redis::pipe();
        // Request one byte more than the maximum, so that a longer value is detected without reading all of it. Redis
        // offsets are signed 64-bit integers.
        let last = i64::try_from(self.redis.max_value_bytes()).unwrap_or(i64::MAX);
        commands.cmd("GETRANGE").arg(&redis_key).arg(0).arg(last);
        commands.cmd("PTTL").arg(&redis_key);
        let values = self.ask(&redis_key, commands, lookup).await;
        let took = lookup.recorder.clock.now().0.saturating_sub(start.0);
        let count = |operation| self.meter.record_lookup(lookup.recorder, operation, took);
        let values = match values {
            Ok(values) => values,
            Err(Fault::Down) => {
                // Redis was not asked, so there is no duration to record.
                self.meter.count(lookup.recorder, Operation::Error);
                return None;
            }
            Err(Fault::NoReply | Fault::ErrorReply) => {
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
            if value.len() > self.redis.max_value_bytes() { None } else { Envelope::open(value, &identity).ok() };
        let Some(Envelope { value, costs, stored_ms }) = envelope else {
            count(Operation::Error);
            return None;
        };
        count(Operation::Hit);
        let age = Duration::from_millis(wall_ms(lookup.recorder).saturating_sub(stored_ms));
        Some(RedisHit { entry: CacheEntry::new(value, costs, lookup.recorder, age), remaining })
    }

    /// Stores an entry, and records the result.
    pub(in crate::block::cache) async fn insert(&self, key: &Q, entry: &CacheEntry<V>, lookup: &mut Lookup) {
        let operation = self.try_insert(key, entry, lookup).await.unwrap_or(Operation::StoreError);
        self.meter.count(lookup.recorder, operation);
    }

    async fn try_insert(&self, key: &Q, entry: &CacheEntry<V>, lookup: &mut Lookup) -> Option<Operation> {
        let identity = self.identity(key)?;
        let bytes = Envelope::seal(&identity, &entry.value, entry.costs(), wall_ms(lookup.recorder))?;
        if bytes.len() > self.redis.max_value_bytes() {
            return Some(Operation::TooLarge);
        }
        let redis_key = identity.redis_key(self.settings.name);
        let mut commands = redis::pipe();
        let command = commands.cmd("SET").arg(&redis_key).arg(bytes);
        if let Some(time_to_live) = self.settings.time_to_live {
            command.arg("PX").arg(time_to_live.min(MAX_TIME_TO_LIVE).as_millis().max(1) as u64);
        }
        self.ask(&redis_key, commands, lookup).await.ok()?;
        Some(Operation::Store)
    }

    /// Counts a look-up without a request, since the leader made it.
    pub(in crate::block::cache) fn count_unasked(&self, lookup: &mut Lookup, operation: Operation) {
        lookup.cache_type = self.meter.cache_type;
        self.meter.count(lookup.recorder, operation);
    }

    fn identity(&self, key: &Q) -> Option<Identity> {
        Identity::of(self.settings.work, self.settings.version, &self.settings.namespace, key)
    }

    /// Asks Redis within the time that the call may still wait. After a missing reply the call does not wait again.
    async fn ask(&self, redis_key: &str, commands: redis::Pipeline, lookup: &mut Lookup) -> Result<Vec<Value>, Fault> {
        let wait_left = lookup.wait_left.unwrap_or(self.redis.limit());
        if wait_left.is_zero() {
            return Err(Fault::Down);
        }
        // Real time, not the recorder's clock, which may stand still in a test.
        let start = Instant::now();
        let entry = self.redis.cache_link().ask(redis_key, commands, start + wait_left.min(MAX_WAIT)).await;
        let gave_no_reply = matches!(entry, Err(Fault::Down | Fault::NoReply));
        lookup.wait_left = Some(if gave_no_reply { Duration::ZERO } else { wait_left.saturating_sub(start.elapsed()) });
        entry
    }
}

/// Returns the value and its remaining time to live.
fn read(values: &[Value]) -> Option<(&[u8], Option<Duration>)> {
    let [Value::BulkString(value), Value::Int(milliseconds)] = values else { return None };
    // `PTTL` is -1 for no limit, and -2 if the key expired between the two commands.
    let remaining = match milliseconds {
        -1 => None,
        milliseconds => Some(Duration::from_millis(u64::try_from(*milliseconds).unwrap_or(0))),
    };
    Some((value, remaining))
}

/// Returns the milliseconds since the Unix epoch, the only clock that processes share.
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

    fn open(self, settings: CacheSettings) -> RedisTier<Q, V> {
        RedisTier::new(self, settings)
    }
}

impl<Q, V> Tiers<Q, V> for RedisTier<Q, V>
where
    Q: Serialize + Send + Sync,
    V: Clone + Serialize + DeserializeOwned + Send + Sync,
{
    fn peek(&self, _: &Q, _: &mut Lookup) -> Option<Arc<CacheEntry<V>>> {
        None
    }

    async fn get(&self, key: &Arc<Q>, lookup: &mut Lookup) -> Option<CacheEntry<V>> {
        Some(self.find(key, lookup).await?.entry)
    }

    fn count_coalesced(&self, lookup: &mut Lookup) {
        self.count_unasked(lookup, Operation::Coalesced);
    }

    fn count_missed(&self, lookup: &mut Lookup) {
        self.count_unasked(lookup, Operation::Miss);
    }

    async fn store(&self, key: &Arc<Q>, entry: CacheEntry<V>, lookup: &mut Lookup) {
        self.insert(key, &entry, lookup).await;
    }
}
