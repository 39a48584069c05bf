//! The binary form of an entry in Redis, which verifies its integrity and its identity.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::model::{ModelName, NanoUsd};

/// The first bytes of every value; the last of them is the version of the format.
const MAGIC: [u8; 4] = *b"TTA\x02";

/// The length of the magic and of the checksum after it.
const HEAD: usize = 8;

/// The identity of an entry: the cache's name, version and namespace, and the whole key, serialized.
#[derive(Debug)]
pub(super) struct Identity(Vec<u8>);

/// The contents of a value in Redis.
#[derive(Debug, PartialEq)]
pub(super) struct Envelope<V> {
    pub(super) value: V,
    pub(super) costs: Vec<(ModelName, NanoUsd)>,
    /// The time at which the entry was stored, in milliseconds since the Unix epoch.
    pub(super) stored_ms: u64,
}

/// The value is damaged, foreign, or of another key, version or type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

type Costs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>, u64)>;

impl Identity {
    /// Returns the identity of a key, or `None` if the key cannot be serialized.
    pub(super) fn of<Q: Serialize>(name: &str, version: u32, namespace: &str, key: &Q) -> Option<Self> {
        encode(Vec::new(), &(name, version, namespace, key)).map(Self)
    }

    /// Returns the key in Redis: the cache's name, and 128 bits of a hash of the identity.
    pub(super) fn redis_key(&self, name: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(MAGIC);
        hash.update(&self.0);
        let digest = hash.finalize();
        // Braces would be a hash tag, which selects the slot of a cluster.
        let name = name.replace(['{', '}'], "_");
        let hash = digest.iter().take(16).fold(0, |hash: u128, byte| (hash << 8) | u128::from(*byte));
        format!("tta:cache:{name}:{hash:032x}")
    }
}

impl<V> Envelope<V> {
    /// Serializes an entry; `None` if the value cannot be serialized.
    pub(super) fn seal(
        identity: &Identity,
        value: &V,
        costs: &[(ModelName, NanoUsd)],
        stored_ms: u64,
    ) -> Option<Vec<u8>>
    where
        V: Serialize,
    {
        let costs: Costs<'_> = costs
            .iter()
            .map(|(name, cost)| (Cow::Borrowed(&*name.provider), Cow::Borrowed(&*name.model), cost.0))
            .collect();
        let costs = encode(Vec::new(), &costs)?;
        let mut bytes = MAGIC.to_vec();
        bytes.extend([0; HEAD - MAGIC.len()]);
        bytes.extend(stored_ms.to_le_bytes());
        for field in [&identity.0, &costs] {
            bytes.extend(u32::try_from(field.len()).ok()?.to_le_bytes());
            bytes.extend(field);
        }
        let mut bytes = encode(bytes, value)?;
        let (head, body) = bytes.split_at_mut_checked(HEAD)?;
        head.get_mut(MAGIC.len()..)?.copy_from_slice(&crc32fast::hash(body).to_le_bytes());
        Some(bytes)
    }

    /// Deserializes an entry, and verifies that it has this identity.
    pub(super) fn open(bytes: &[u8], identity: &Identity) -> Result<Self, Unreadable>
    where
        V: DeserializeOwned,
    {
        Self::read(bytes, identity).ok_or(Unreadable)
    }

    fn read(bytes: &[u8], identity: &Identity) -> Option<Self>
    where
        V: DeserializeOwned,
    {
        let body = bytes.strip_prefix(&MAGIC)?;
        let (checksum, body) = body.split_first_chunk()?;
        if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
            return None;
        }
        let (stored_ms, body) = body.split_first_chunk()?;
        let (stored_identity, body) = split_field(body)?;
        if stored_identity != identity.0 {
            return None;
        }
        let (costs, value) = split_field(body)?;
        let costs: Costs<'static> = decode(costs)?;
        let costs = costs.into_iter().map(|(provider, model, cost)| (ModelName { provider, model }, NanoUsd(cost)));
        let value = decode(value)?;
        Some(Self { value, costs: costs.collect(), stored_ms: u64::from_le_bytes(*stored_ms) })
    }
}

/// Appends a value as CBOR; `None` if it cannot be serialized.
fn encode(mut bytes: Vec<u8>, value: &(impl Serialize + ?Sized)) -> Option<Vec<u8>> {
    ciborium::into_writer(value, &mut bytes).ok()?;
    Some(bytes)
}

/// Reads a value that takes all of the bytes.
fn decode<T: DeserializeOwned>(mut bytes: &[u8]) -> Option<T> {
    let value = ciborium::from_reader(&mut bytes).ok()?;
    bytes.is_empty().then_some(value)
}

/// Splits off a field with its length in front.
fn split_field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::{Envelope, Identity, Unreadable};
    use crate::model::{ModelName, NanoUsd};

    fn identity(key: &str) -> Identity {
        Identity::of("answers", 1, "", &key).unwrap()
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Message {
        Text {
            text: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            note: Option<String>,
        },
        Scores {
            of: BTreeMap<u32, f64>,
        },
        Nothing,
    }

    fn message() -> impl Strategy<Value = Message> {
        prop_oneof![
            (".*", proptest::option::of(".*")).prop_map(|(text, note)| Message::Text { text, note }),
            proptest::collection::btree_map(any::<u32>(), -1e300..1e300, 0..4).prop_map(|of| Message::Scores { of }),
            Just(Message::Nothing),
        ]
    }

    proptest! {
        #[test]
        fn a_sealed_value_opens_to_itself(value in message(), key in ".*", cost: u64, stored_ms: u64) {
            let name = ModelName { provider: "openai".into(), model: "gpt-4o".into() };
            let costs = vec![(name, NanoUsd(cost))];
            let bytes = Envelope::seal(&identity(&key), &value, &costs, stored_ms).unwrap();
            prop_assert_eq!(Envelope::open(&bytes, &identity(&key)), Ok(Envelope { value, costs, stored_ms }));
        }

        #[test]
        fn a_damaged_value_is_not_read(value in message(), at: prop::sample::Index, bit in 0_u8..8) {
            let mut bytes = Envelope::seal(&identity("k"), &value, &[], 7).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert_eq!(Envelope::<Message>::open(&bytes, &identity("k")), Err(Unreadable));
        }

        #[test]
        fn a_truncated_value_is_not_read(value in message(), at: prop::sample::Index) {
            let bytes = Envelope::seal(&identity("k"), &value, &[], 7).unwrap();
            let cut = &bytes[..at.index(bytes.len())];
            prop_assert_eq!(Envelope::<Message>::open(cut, &identity("k")), Err(Unreadable));
        }

        #[test]
        fn garbage_is_not_read(mut bytes: Vec<u8>, forged: bool) {
            if forged {
                let checksum = crc32fast::hash(&bytes).to_le_bytes();
                bytes = [&super::MAGIC[..], &checksum, &bytes].concat();
            }
            prop_assert_eq!(Envelope::<Message>::open(&bytes, &identity("k")), Err(Unreadable));
        }
    }

    #[test]
    fn a_value_of_another_identity_is_not_read() {
        let bytes = Envelope::seal(&Identity::of("answers", 1, "a", &"k").unwrap(), &7, &[], 7).unwrap();
        let of = |name, version, namespace, key: &str| {
            let identity = Identity::of(name, version, namespace, &key).unwrap();
            Envelope::<i32>::open(&bytes, &identity).map(|envelope| envelope.value)
        };
        assert_eq!(of("answers", 1, "a", "k"), Ok(7));
        let others = [
            of("answer", 1, "a", "k"),
            of("answers", 2, "a", "k"),
            of("answers", 1, "b", "k"),
            of("answers", 1, "a", "l"),
        ];
        assert_eq!(others, [Err(Unreadable); 4]);
    }

    #[test]
    fn names_and_keys_have_unambiguous_hashes() {
        let redis_key = |name, namespace, key: &str| Identity::of(name, 1, namespace, &key).unwrap().redis_key("same");
        let keys = [
            redis_key("ab", "c", "d"),
            redis_key("a", "bc", "d"),
            redis_key("a", "b", "cd"),
            redis_key("a", "", "bcd"),
        ];
        assert_eq!(keys.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
        assert_eq!(identity("k").redis_key("a{b}"), format!("tta:cache:a_b_:{}", &identity("k").redis_key("")[11..]));
    }

    #[test]
    fn what_is_empty_stays_what_it_is() {
        fn check<V: Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(value: &V) {
            let bytes = Envelope::seal(&identity("k"), value, &[], 7).unwrap();
            assert_eq!(Envelope::<V>::open(&bytes, &identity("k")).map(|envelope| envelope.value).as_ref(), Ok(value));
        }
        check(&());
        check(&None::<u32>);
        check(&Vec::<u32>::new());
        check(&serde_json::json!(null));
        check(&serde_json::json!({ "tool_calls": null, "parts": [], "details": {}, "text": "" }));
    }

    #[test]
    fn a_deeply_nested_value_is_an_error() {
        let open = |depth: usize| {
            let mut bytes = Envelope::seal(&identity("k"), &(), &[], 7).unwrap();
            bytes.pop();
            bytes.extend(std::iter::repeat_n(0x81, depth));
            bytes.push(0x80);
            let checksum = crc32fast::hash(&bytes[super::HEAD..]).to_le_bytes();
            bytes[4..super::HEAD].copy_from_slice(&checksum);
            Envelope::<serde_json::Value>::open(&bytes, &identity("k")).map(|_| ())
        };
        assert_eq!((open(10), open(1_000_000)), (Ok(()), Err(Unreadable)));
    }
}
