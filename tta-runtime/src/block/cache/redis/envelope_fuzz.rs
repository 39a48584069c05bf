//! The entry for fuzzing: values in Redis whose checksum and identity are right, and whose rest is anything.

use serde_json::Value;

use super::envelope::{Envelope, Identity};

/// The empty list of costs with its length, and the value null, at the end of an entry that has nothing else.
const EMPTY_TAIL: usize = 4 + 1 + 1;

/// Opens bytes as they are, and as the costs and the value of an entry with the right checksum and identity.
///
/// # Panics
///
/// Panics if an entry that opens does not open again after it was sealed.
pub fn open_forged(bytes: &[u8]) {
    let Some(identity) = Identity::of("fuzz", 1, "", &"key") else { return };
    let _ = Envelope::<Value>::open(bytes, &identity);
    let Some(forged) = forge(&identity, bytes) else { return };
    let Ok(opened) = Envelope::<Value>::open(&forged, &identity) else { return };
    let sealed = Envelope::seal(&identity, &opened.value, &opened.costs, opened.stored_ms);
    let again = sealed.map(|sealed| Envelope::open(&sealed, &identity));
    assert_eq!(again, Some(Ok(opened)), "an entry that opens is sealed and opens again");
}

/// Puts bytes into the place of the costs and the value.
fn forge(identity: &Identity, tail: &[u8]) -> Option<Vec<u8>> {
    let empty = Envelope::seal(identity, &Value::Null, &[], 0)?;
    let mut forged = [empty.get(..empty.len().checked_sub(EMPTY_TAIL)?)?, tail].concat();
    let (head, body) = forged.split_at_mut_checked(8)?;
    head.get_mut(4..)?.copy_from_slice(&crc32fast::hash(body).to_le_bytes());
    Some(forged)
}
