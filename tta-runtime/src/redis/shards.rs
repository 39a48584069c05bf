//! The servers of a cluster by slot, so that a server that is down does not affect the others.

use std::sync::Arc;

use redis::Value;

use super::health::Health;

/// The number of slots of a cluster.
const SLOTS: u16 = 16_384;

/// The servers by slot; a single server has all slots.
#[derive(Debug)]
pub(super) struct Shards(Vec<Shard>);

/// A range of slots on one server.
#[derive(Debug)]
struct Shard {
    last_slot: u16,
    server: Arc<str>,
    health: Arc<Health>,
}

impl Shards {
    /// Makes the shards of a single server.
    pub(super) fn single() -> Self {
        Self(vec![Shard { last_slot: SLOTS - 1, server: "".into(), health: Arc::default() }])
    }

    /// Returns the health of the server that has a key's slot; `None` if no server has it.
    pub(super) fn health(&self, key: &str) -> Option<Arc<Health>> {
        self.shard(key).map(|shard| Arc::clone(&shard.health))
    }

    /// Returns the identifier of the server that has a key's slot; `None` if no server has it.
    pub(super) fn server(&self, key: &str) -> Option<Arc<str>> {
        self.shard(key).map(|shard| Arc::clone(&shard.server))
    }

    /// Returns whether a server has any slots.
    pub(super) fn has(&self, server: &str) -> bool {
        self.0.iter().any(|shard| *shard.server == *server)
    }

    fn shard(&self, key: &str) -> Option<&Shard> {
        let slot = slot(key);
        let index = self.0.partition_point(|shard| shard.last_slot < slot);
        self.0.get(index)
    }

    /// Returns the servers that are down.
    pub(super) fn down(&self) -> Vec<Arc<Health>> {
        let mut down: Vec<Arc<Health>> = Vec::new();
        for shard in self.0.iter().filter(|shard| shard.health.is_down()) {
            if !down.iter().any(|known| Arc::ptr_eq(known, &shard.health)) {
                down.push(Arc::clone(&shard.health));
            }
        }
        down
    }

    pub(super) fn are_all_healthy(&self) -> bool {
        self.0.iter().all(|shard| shard.health.is_healthy())
    }

    pub(super) fn are_all_down(&self) -> bool {
        self.0.iter().all(|shard| shard.health.is_down())
    }

    /// Reads the reply to `CLUSTER SLOTS`; known servers keep their health. Returns `None` if the reply has another
    /// form.
    pub(super) fn read(&self, answer: &Value) -> Option<Self> {
        let Value::Array(ranges) = answer else { return None };
        let mut shards: Vec<Shard> = Vec::with_capacity(ranges.len());
        for range in ranges {
            let Value::Array(range) = range else { return None };
            let [Value::Int(_), Value::Int(last), Value::Array(primary), ..] = range.as_slice() else { return None };
            let server = identity(primary)?;
            let known = shards.iter().chain(&self.0).find(|shard| shard.server == server);
            let health = known.map_or_else(Arc::default, |shard| Arc::clone(&shard.health));
            shards.push(Shard { last_slot: u16::try_from(*last).ok()?, server, health });
        }
        shards.sort_by_key(|shard| shard.last_slot);
        (!shards.is_empty()).then_some(Self(shards))
    }
}

/// Returns the ID of a server, or its address if the cluster gives none.
fn identity(server: &[Value]) -> Option<Arc<str>> {
    match server {
        [_, _, Value::BulkString(id), ..] => Some(String::from_utf8_lossy(id).into()),
        [Value::BulkString(host), Value::Int(port), ..] => {
            Some(format!("{}:{port}", String::from_utf8_lossy(host)).into())
        }
        _ => None,
    }
}

/// Returns the slot of a key without a hash tag: its CRC-16 (XMODEM) modulo the number of slots.
fn slot(key: &str) -> u16 {
    let crc = key.bytes().fold(0_u16, |crc, byte| {
        (0..8)
            .fold(crc ^ (u16::from(byte) << 8), |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 })
    });
    crc % SLOTS
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use redis::Value;

    use super::{Shards, slot};

    #[test]
    fn slots_match_the_cluster_specification() {
        assert_eq!((slot("123456789"), slot("foo"), slot("")), (0x31C3, 12_182, 0));
    }

    fn range(first: i64, last: i64, id: &str) -> Value {
        let primary = vec![Value::BulkString(b"127.0.0.1".into()), Value::Int(7_000), Value::BulkString(id.into())];
        Value::Array(vec![Value::Int(first), Value::Int(last), Value::Array(primary)])
    }

    #[test]
    fn servers_keep_their_health_when_slots_move() {
        let first =
            Shards::single().read(&Value::Array(vec![range(8_000, 16_383, "b"), range(0, 7_999, "a")])).unwrap();
        let of_foo = first.health("foo").unwrap();
        for _ in 0..5 {
            of_foo.failed("foo");
        }
        assert!(!first.health("").unwrap().is_down(), "the other server is not affected");
        // The slot of `foo` moves to a new server, and the server that failed keeps other slots.
        let moved = Value::Array(vec![range(0, 11_999, "a"), range(12_000, 12_999, "c"), range(13_000, 16_383, "b")]);
        let second = first.read(&moved).unwrap();
        assert!(!second.health("foo").unwrap().is_down());
        assert_eq!([first.server("foo"), second.server("foo")], [Some("b".into()), Some("c".into())]);
        assert!(second.has("b") && !first.has("c"));
        let [down] = &second.down()[..] else { panic!("one server is down") };
        assert!(Arc::ptr_eq(down, &of_foo));
    }

    #[test]
    fn an_unreadable_reply_changes_nothing() {
        for answer in [Value::Nil, Value::Array(Vec::new()), Value::Array(vec![Value::Int(1)])] {
            assert!(Shards::single().read(&answer).is_none());
        }
    }
}
