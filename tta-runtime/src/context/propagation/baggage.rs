//! The header `baggage`, read by the letter of W3C's specification.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::trim;

/// The most members that are kept, which every platform must propagate.
const MOST_MEMBERS: usize = 64;

/// The entries of a header, and the properties of those that have any.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Baggage {
    pub(super) values: BTreeMap<String, String>,
    pub(super) properties: BTreeMap<String, String>,
}

/// Returns the entries that the lines of a header have, none if any member is invalid.
pub(super) fn parse<'a, L: Iterator<Item = &'a [u8]>>(lines: impl Fn() -> L) -> Option<Baggage> {
    let members = || {
        let members = lines().flat_map(|line| line.split(|&byte| byte == b','));
        members.map(trim).filter(|member| !member.is_empty())
    };
    // Everything is checked before anything is allocated.
    if !members().all(|member| Member::parse(member).is_some()) {
        return None;
    }
    let mut baggage = Baggage::default();
    for Member { key, value, properties } in members().take(MOST_MEMBERS).filter_map(Member::parse) {
        let key = String::from_utf8_lossy(key).into_owned();
        let properties = properties.map(|property| String::from_utf8_lossy(property)).collect::<Vec<_>>().join(";");
        if properties.is_empty() {
            baggage.properties.remove(&key);
        } else {
            baggage.properties.insert(key.clone(), properties);
        }
        baggage.values.insert(key, decoded(value));
    }
    Some(baggage)
}

/// Returns the header of these entries, as many as fit into `longest` bytes.
pub(super) fn header(
    values: &BTreeMap<String, String>,
    properties: &BTreeMap<String, String>,
    longest: usize,
) -> String {
    let mut header = String::new();
    for (key, value) in values {
        let start = header.len();
        if start > 0 {
            header.push(',');
        }
        encode(&mut header, key, is_token_byte);
        header.push('=');
        encode(&mut header, value, |byte| is_octet(byte) && byte != b'%');
        if let Some(properties) = properties.get(key) {
            header.push(';');
            header.push_str(properties);
        }
        if header.len() > longest {
            header.truncate(start);
        }
    }
    header
}

/// Appends a text, with `%20` and the like in the place of each byte that is not allowed.
fn encode(header: &mut String, text: &str, is_allowed: impl Fn(u8) -> bool) {
    for byte in text.bytes() {
        if is_allowed(byte) {
            header.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(header, "%{byte:02X}");
        }
    }
}

struct Member<'a, P> {
    key: &'a [u8],
    value: &'a [u8],
    /// Trimmed, each a key or a key and a value.
    properties: P,
}

impl<'a> Member<'a, std::iter::Empty<&'a [u8]>> {
    /// Reads `key = value ; property ; key = value`.
    fn parse(member: &'a [u8]) -> Option<Member<'a, impl Iterator<Item = &'a [u8]> + use<'a>>> {
        let mut parts = member.split(|&byte| byte == b';').map(trim);
        let (key, value) = pair(parts.next()?)?;
        let properties = parts;
        let are_valid = properties.clone().all(|property| is_token(property) || pair(property).is_some());
        are_valid.then_some(Member { key, value, properties })
    }
}

/// Splits at the first equals sign; a value may have more of them.
fn pair(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = text.iter().position(|&byte| byte == b'=')?;
    let (key, value) = (trim(text.get(..equals)?), trim(text.get(equals + 1..)?));
    (is_token(key) && value.iter().all(|&byte| is_octet(byte))).then_some((key, value))
}

/// Returns whether a key is a token of HTTP.
fn is_token(key: &[u8]) -> bool {
    !key.is_empty() && key.iter().all(|&byte| is_token_byte(byte))
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_octet(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~') && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

/// Decodes `%20` and the like; bytes that are no UTF-8 become replacement characters.
fn decoded(value: &[u8]) -> String {
    let digit =
        |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16)).and_then(|n| u8::try_from(n).ok());
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, tail @ ..] = rest {
        match (first, digit(tail.first()), digit(tail.get(1))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
