//! Attributes in little space: the fields of OTLP's message for a span, one after another.
//!
//! A span keeps its own attributes so from its start. They take one piece of memory, whatever their types, and are sent as they are. The memory of
//! a span that ended is used again for the next spans of its thread.

use std::ops::Range;

use opentelemetry::{Array, KeyValue, StringValue, Value};

use crate::span_limits::{self, LostPart, SpanLimit};

/// The key of a span's field with an attribute: field 9 of `Span`, a message.
const ATTRIBUTE: u8 = field(9, LENGTH_DELIMITED);

/// The fields of `KeyValue`.
const KEY: u8 = field(1, LENGTH_DELIMITED);
const VALUE: u8 = field(2, LENGTH_DELIMITED);

/// The fields of `AnyValue`.
const TEXT: u8 = field(1, LENGTH_DELIMITED);
const BOOL: u8 = field(2, VARINT);
const INTEGER: u8 = field(3, VARINT);
const DOUBLE: u8 = field(4, FIXED64);
const ARRAY: u8 = field(5, LENGTH_DELIMITED);

/// The field of `ArrayValue`.
const ITEM: u8 = field(1, LENGTH_DELIMITED);

/// Protobuf's types on the wire.
const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const LENGTH_DELIMITED: u8 = 2;

const fn field(number: u8, wire_type: u8) -> u8 {
    number << 3 | wire_type
}

/// Attributes in the order in which they were added, within the limits.
#[derive(Clone, Debug, Default)]
pub(crate) struct PackedAttributes {
    bytes: Vec<u8>,
    count: u32,
    /// The attributes that the limit left out.
    dropped: u32,
}

/// An end that attributes had.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    bytes: usize,
    count: u32,
    dropped: u32,
}

impl PackedAttributes {
    /// No attributes.
    pub(crate) const NONE: Self = Self { bytes: Vec::new(), count: 0, dropped: 0 };

    /// Returns the number of attributes.
    pub(crate) fn len(&self) -> usize {
        self.count as usize
    }

    /// Returns how many attributes the limit left out.
    pub(crate) fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Returns the bytes that they take on the heap once their span has ended.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Adds an attribute, or counts it as dropped if the span is full.
    pub(crate) fn push(&mut self, key: &str, value: Value) {
        if !self.has_space() {
            return;
        }
        match value {
            // Most values, to which no limit applies.
            Value::Bool(_) | Value::I64(_) | Value::F64(_) => self.write(key, &value),
            other => self.write(key, &span_limits::value(key, other)),
        }
    }

    /// Adds an attribute with a truth value, or counts it as dropped if the span is full.
    #[inline]
    pub(crate) fn push_bool(&mut self, key: &str, value: bool) {
        self.push_short(key, &[BOOL, u8::from(value)]);
    }

    /// Adds an attribute with an integer, or counts it as dropped if the span is full.
    #[inline]
    pub(crate) fn push_integer(&mut self, key: &str, number: i64) {
        if (0..0x80).contains(&number) {
            return self.push_short(key, &[INTEGER, number as u8]);
        }
        if self.has_space() {
            self.write(key, &Value::I64(number));
        }
    }

    /// Adds an attribute with a float, or counts it as dropped if the span is full.
    #[inline]
    pub(crate) fn push_double(&mut self, key: &str, number: f64) {
        self.push_short(key, &double(number));
    }

    /// Adds an attribute with an encoded value.
    #[inline]
    fn push_short<const SIZE: usize>(&mut self, key: &str, value: &[u8; SIZE]) {
        if self.has_space() {
            write_key(&mut self.bytes, key, SIZE);
            self.bytes.extend_from_slice(value);
            self.count += 1;
        }
    }

    /// Adds an attribute with a text, or counts it as dropped if the span is full.
    pub(crate) fn push_text(&mut self, key: &str, text: &str) {
        if self.has_space() {
            write_text(&mut self.bytes, key, &span_limits::attribute_text(key, text));
            self.count += 1;
        }
    }

    /// Adds an attribute in the place of an earlier one with the same key, or counts it as dropped if the span is full.
    pub(crate) fn set(&mut self, key: &str, value: Value) {
        if !self.set_if_there_is_space(key, value) {
            self.drop_one();
        }
    }

    /// Adds an attribute in the place of an earlier one with the same key; returns false if the span is full.
    pub(crate) fn set_if_there_is_space(&mut self, key: &str, value: Value) -> bool {
        let value = span_limits::value(key, value);
        if self.replace(key, &value) {
            return true;
        }
        let has_space = !self.is_full();
        if has_space {
            self.write(key, &value);
        }
        has_space
    }

    /// Returns whether one more attribute is within the limit; counts it as dropped if not.
    #[inline]
    pub(crate) fn has_space(&mut self) -> bool {
        let has_space = !self.is_full();
        if !has_space {
            self.drop_one();
        }
        has_space
    }

    fn is_full(&self) -> bool {
        self.len() >= SpanLimit::Attributes.value()
    }

    #[cold]
    fn drop_one(&mut self) {
        self.dropped = self.dropped.saturating_add(1);
        LostPart::Attribute.add(1);
    }

    fn write(&mut self, key: &str, value: &Value) {
        write_key(&mut self.bytes, key, value_size(value));
        write_value(&mut self.bytes, value);
        self.count += 1;
    }

    /// Gives the first attribute with this key another value; returns false if there is none.
    fn replace(&mut self, key: &str, value: &Value) -> bool {
        let Some(found) = self.place(key) else { return false };
        let mut replacement = Vec::with_capacity(found.len());
        write_key(&mut replacement, key, value_size(value));
        write_value(&mut replacement, value);
        self.bytes.splice(found, replacement);
        true
    }

    /// Returns the bytes of the first attribute with this key.
    fn place(&self, key: &str) -> Option<Range<usize>> {
        let mut rest = &*self.bytes;
        loop {
            let start = self.bytes.len() - rest.len();
            let (have, _) = read(&mut rest)?;
            if have == key.as_bytes() {
                return Some(start..self.bytes.len() - rest.len());
            }
        }
    }

    /// Returns whether one of the keys is such a key.
    #[inline]
    pub(crate) fn has_key(&self, is_it: impl FnMut(&[u8]) -> bool) -> bool {
        self.count > 0 && keys(&self.bytes).any(is_it)
    }

    /// Returns whether there is an attribute with this key.
    #[inline]
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.count > 0 && self.has(key)
    }

    fn has(&self, key: &str) -> bool {
        let mut fields = &*self.bytes;
        // Most attributes have less than 128 bytes, and so lengths of one byte.
        while let [ATTRIBUTE, size @ 0..0x80, KEY, length, content @ ..] = fields {
            if usize::from(*length) == key.len() && content.starts_with(key.as_bytes()) {
                return true;
            }
            fields = fields.get(2 + usize::from(*size)..).unwrap_or_default();
        }
        keys(fields).any(|have| have == key.as_bytes())
    }

    /// Returns a copy of the first value with this key.
    pub(crate) fn get(&self, key: &str) -> Option<Value> {
        let mut rest = &*self.bytes;
        std::iter::from_fn(|| read(&mut rest))
            .find(|(have, _)| *have == key.as_bytes())
            .and_then(|(_, value)| read_value(value))
    }

    /// Removes the first attribute with this key, and returns its value.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Value> {
        let value = self.get(key)?;
        let found = self.place(key)?;
        self.bytes.drain(found);
        self.count -= 1;
        Some(value)
    }

    /// Returns the fields of the first attributes, at most of this many, and how many are left out.
    pub(crate) fn first(&self, most: usize) -> (&[u8], usize) {
        let over = (self.count as usize).saturating_sub(most);
        if over == 0 {
            return (&self.bytes, 0);
        }
        let mut rest = &*self.bytes;
        for _ in 0..most {
            read(&mut rest);
        }
        (self.bytes.get(..self.bytes.len() - rest.len()).unwrap_or_default(), over)
    }

    /// Returns copies of the attributes.
    pub(crate) fn unpack(&self) -> Vec<KeyValue> {
        unpack(&self.bytes).collect()
    }

    /// Returns the current end, for [`reset`](Self::reset).
    pub(crate) fn mark(&self) -> Mark {
        Mark { bytes: self.bytes.len(), count: self.count, dropped: self.dropped }
    }

    /// Removes what was added after the mark.
    pub(crate) fn reset(&mut self, mark: Mark) {
        self.bytes.truncate(mark.bytes);
        (self.count, self.dropped) = (mark.count, mark.dropped);
    }

    /// Removes what was added before the mark under a key that was added again after it.
    pub(crate) fn keep_later(&mut self, mark: Mark) {
        if mark.bytes == 0 {
            return;
        }
        let Some((earlier, later)) = self.bytes.split_at_checked(mark.bytes) else { return };
        let known = Keys::of(earlier);
        if !keys(later).any(|key| known.contain_bytes(key)) {
            return;
        }
        let later_keys = Keys::of(later);
        let mut kept = Vec::with_capacity(self.bytes.len());
        let (mut rest, mut removed) = (earlier, 0);
        while !rest.is_empty() {
            let from = rest;
            let Some((key, _)) = read(&mut rest) else { break };
            if later_keys.contain_bytes(key) {
                removed += 1;
            } else {
                kept.extend_from_slice(from.get(..from.len() - rest.len()).unwrap_or_default());
            }
        }
        kept.extend_from_slice(later);
        self.bytes = kept;
        self.count -= removed;
    }

    /// Returns the keys, for many questions about them.
    pub(crate) fn keys(&self) -> Keys<'_> {
        Keys::of(&self.bytes)
    }

    /// Takes the attributes' bytes and leaves their numbers, so that [`set_bytes`](Self::set_bytes) makes them whole again elsewhere.
    ///
    /// Many bytes stay, in memory of just their size: they are not worth a copy. Then it returns none.
    #[inline]
    pub(crate) fn take_bytes(&mut self) -> Vec<u8> {
        if self.bytes.len() > MOST_KEPT {
            self.bytes.shrink_to_fit();
            return Vec::new();
        }
        std::mem::take(&mut self.bytes)
    }

    /// Sets the bytes that were taken.
    pub(crate) fn set_bytes(&mut self, bytes: &[u8]) {
        self.bytes = bytes.to_vec();
    }

    /// Takes memory for the next attributes, in the place of these.
    #[inline]
    pub(crate) fn reuse(&mut self, mut memory: Vec<u8>) {
        if memory.capacity() <= MOST_KEPT {
            memory.clear();
            *self = Self { bytes: memory, ..Self::NONE };
        }
    }
}

/// The most bytes that are kept for later attributes, so that a thread does not keep the memory of the largest span that it ever had.
const MOST_KEPT: usize = 4_096;

/// The keys of attributes. Most questions for a key that is not there are answered without reading them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys<'a> {
    fields: &'a [u8],
    /// The bits of all keys, see [`key_bit`].
    bits: u64,
}

impl<'a> Keys<'a> {
    /// No keys.
    pub(crate) const NONE: Self = Self { fields: &[], bits: 0 };

    fn of(fields: &'a [u8]) -> Self {
        Self { fields, bits: keys(fields).fold(0, |bits, key| bits | key_bit(key)) }
    }

    /// Returns whether there are none.
    pub(crate) fn are_none(&self) -> bool {
        self.fields.is_empty()
    }

    /// Returns whether one of them is `key`.
    #[inline]
    pub(crate) fn contain(&self, key: &str) -> bool {
        !self.are_none() && self.contain_bytes(key.as_bytes())
    }

    fn contain_bytes(&self, key: &[u8]) -> bool {
        self.bits & key_bit(key) != 0 && keys(self.fields).any(|have| have == key)
    }
}

/// Returns one of 64 bits, by the length and the end of a key: keys of one kind begin alike.
fn key_bit(key: &[u8]) -> u64 {
    let mix = |hash: usize, byte: &u8| hash.wrapping_mul(7).wrapping_add(usize::from(*byte));
    1 << (key.iter().rev().take(3).fold(key.len(), mix) % 64)
}

impl Extend<KeyValue> for PackedAttributes {
    fn extend<T: IntoIterator<Item = KeyValue>>(&mut self, attributes: T) {
        for KeyValue { key, value, .. } in attributes {
            self.push(key.as_str(), value);
        }
    }
}

impl FromIterator<KeyValue> for PackedAttributes {
    fn from_iter<T: IntoIterator<Item = KeyValue>>(attributes: T) -> Self {
        let mut packed = Self::default();
        packed.extend(attributes);
        packed
    }
}

/// Returns copies of the attributes in some fields.
pub(crate) fn unpack(mut fields: &[u8]) -> impl Iterator<Item = KeyValue> {
    std::iter::from_fn(move || {
        let (key, value) = read(&mut fields)?;
        Some(KeyValue::new(str::from_utf8(key).ok()?.to_owned(), read_value(value)?))
    })
}

#[inline]
fn keys(mut fields: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || read_key(&mut fields))
}

/// Reads the key of an attribute, and leaves out its value.
#[inline]
fn read_key<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    // An attribute of less than 128 bytes has a length of one byte, and so has its key.
    if let [ATTRIBUTE, size @ 0..0x80, KEY, length, ref content @ ..] = **from {
        *from = content.get(usize::from(size).checked_sub(2)?..)?;
        return content.get(..length.into());
    }
    Some(read(from)?.0)
}

/// Writes an attribute up to its `AnyValue`, which has this size.
#[inline]
fn write_key(to: &mut Vec<u8>, key: &str, value_size: usize) {
    // A field has two bytes besides its content while its length is a single one.
    let short = key.len() + value_size + 4;
    if short < 0x80 && !key.is_empty() {
        to.reserve(short + 2);
        to.extend_from_slice(&[ATTRIBUTE, short as u8, KEY, key.len() as u8]);
        to.extend_from_slice(key.as_bytes());
        to.extend_from_slice(&[VALUE, value_size as u8]);
    } else {
        write_long_key(to, key, value_size);
    }
}

/// Writes an attribute with any value.
#[cfg(feature = "otlp")]
pub(crate) fn write(to: &mut Vec<u8>, key: &str, value: &Value) {
    write_key(to, key, value_size(value));
    write_value(to, value);
}

/// Writes an attribute with a float.
#[cfg(feature = "otlp")]
#[inline]
pub(crate) fn write_double_attribute(to: &mut Vec<u8>, key: &str, number: f64) {
    write_key(to, key, 9);
    write_double(to, number);
}

/// Writes an attribute with a text.
#[inline]
pub(crate) fn write_text(to: &mut Vec<u8>, key: &str, text: &str) {
    // The attribute, its key, its value and its text have a tag and a length each, of one byte while they are short.
    let (value, short) = (text.len() + 2, key.len() + text.len() + 6);
    if short < 0x80 && !key.is_empty() {
        to.reserve(short + 2);
        to.extend_from_slice(&[ATTRIBUTE, short as u8, KEY, key.len() as u8]);
        to.extend_from_slice(key.as_bytes());
        to.extend_from_slice(&[VALUE, value as u8, TEXT, text.len() as u8]);
        to.extend_from_slice(text.as_bytes());
    } else {
        write_key(to, key, message_size(text.len()));
        write_bytes(to, TEXT, text.as_bytes());
    }
}

#[cold]
fn write_long_key(to: &mut Vec<u8>, key: &str, value_size: usize) {
    // Protobuf leaves out an empty text, except where it says which of several values there is.
    let key_size = if key.is_empty() { 0 } else { message_size(key.len()) };
    let size = key_size + message_size(value_size);
    to.reserve(message_size(size));
    to.push(ATTRIBUTE);
    write_varint(to, size as u64);
    if !key.is_empty() {
        write_bytes(to, KEY, key.as_bytes());
    }
    to.push(VALUE);
    write_varint(to, value_size as u64);
}

/// Returns the size of a message of this size as a field of another one.
fn message_size(size: usize) -> usize {
    1 + varint_size(size as u64) + size
}

fn varint_size(number: u64) -> usize {
    ((64 - (number | 1).leading_zeros()) as usize).div_ceil(7)
}

/// Returns the size of an `AnyValue`.
fn value_size(value: &Value) -> usize {
    match value {
        Value::Bool(_) => 2,
        Value::I64(number) => 1 + varint_size(*number as u64),
        Value::F64(_) => 9,
        Value::String(text) => message_size(text.as_str().len()),
        Value::Array(array) => message_size(array_size(array)),
        other => message_size(other.as_str().len()),
    }
}

/// Returns the size of an `ArrayValue`.
fn array_size(array: &Array) -> usize {
    match array {
        Array::Bool(items) => items.len() * message_size(2),
        Array::I64(items) => items.iter().map(|item| message_size(1 + varint_size(*item as u64))).sum(),
        Array::F64(items) => items.len() * message_size(9),
        Array::String(items) => items.iter().map(|item| message_size(message_size(item.as_str().len()))).sum(),
        other => message_size(message_size(other.to_string().len())),
    }
}

fn write_varint(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn write_bytes(to: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    if bytes.len() < 0x80 {
        to.extend_from_slice(&[field, bytes.len() as u8]);
    } else {
        to.push(field);
        write_varint(to, bytes.len() as u64);
    }
    to.extend_from_slice(bytes);
}

/// Writes an `AnyValue`. The type is open for further kinds: as text nothing is lost.
fn write_value(to: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Bool(value) => to.extend_from_slice(&[BOOL, u8::from(*value)]),
        Value::I64(number) => write_integer(to, *number),
        Value::F64(number) => write_double(to, *number),
        Value::String(text) => write_bytes(to, TEXT, text.as_str().as_bytes()),
        Value::Array(array) => {
            to.push(ARRAY);
            write_varint(to, array_size(array) as u64);
            write_items(to, array);
        }
        other => write_bytes(to, TEXT, other.as_str().as_bytes()),
    }
}

fn write_integer(to: &mut Vec<u8>, number: i64) {
    if (0..0x80).contains(&number) {
        return to.extend_from_slice(&[INTEGER, number as u8]);
    }
    to.push(INTEGER);
    write_varint(to, number as u64);
}

#[inline]
fn write_double(to: &mut Vec<u8>, number: f64) {
    to.extend_from_slice(&double(number));
}

/// Returns an `AnyValue` with a float.
#[inline]
fn double(number: f64) -> [u8; 9] {
    let mut value = [DOUBLE; 9];
    let [_, bits @ ..] = &mut value;
    *bits = number.to_bits().to_le_bytes();
    value
}

fn write_items(to: &mut Vec<u8>, array: &Array) {
    let mut item = |size: usize, write: &dyn Fn(&mut Vec<u8>)| {
        to.push(ITEM);
        write_varint(to, size as u64);
        write(to);
    };
    match array {
        Array::Bool(items) => {
            for value in items {
                item(2, &|to| to.extend_from_slice(&[BOOL, u8::from(*value)]));
            }
        }
        Array::I64(items) => {
            for &number in items {
                item(1 + varint_size(number as u64), &|to| write_integer(to, number));
            }
        }
        Array::F64(items) => items.iter().for_each(|&number| item(9, &|to| write_double(to, number))),
        Array::String(items) => items.iter().map(StringValue::as_str).for_each(|text| {
            item(message_size(text.len()), &|to| write_bytes(to, TEXT, text.as_bytes()));
        }),
        other => {
            let text = other.to_string();
            item(message_size(text.len()), &|to| write_bytes(to, TEXT, text.as_bytes()));
        }
    }
}

fn read_varint(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Reads a field that has this key, and bytes of any length.
#[inline]
fn read_bytes<'a>(from: &mut &'a [u8], field: u8) -> Option<&'a [u8]> {
    let length = match **from {
        [have, length, ref rest @ ..] if have == field && length < 0x80 => {
            *from = rest;
            usize::from(length)
        }
        [have, ref rest @ ..] if have == field => {
            *from = rest;
            usize::try_from(read_varint(from)?).ok()?
        }
        _ => return None,
    };
    let (bytes, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(bytes)
}

/// Reads an attribute: its key and its `AnyValue`.
fn read<'a>(from: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let mut attribute = read_bytes(from, ATTRIBUTE)?;
    let key = read_bytes(&mut attribute, KEY).unwrap_or_default();
    Some((key, read_bytes(&mut attribute, VALUE)?))
}

fn read_value(mut value: &[u8]) -> Option<Value> {
    let from = &mut value;
    Some(match *from.first()? {
        TEXT => Value::from(str::from_utf8(read_bytes(from, TEXT)?).ok()?.to_owned()),
        ARRAY => Value::Array(read_array(read_bytes(from, ARRAY)?)?),
        BOOL => Value::Bool(read_scalar(from)? != 0),
        INTEGER => Value::I64(read_scalar(from)? as i64),
        DOUBLE => Value::F64(f64::from_bits(read_scalar(from)?)),
        _ => return None,
    })
}

/// Reads the bits of a value that is no text and no list.
fn read_scalar(from: &mut &[u8]) -> Option<u64> {
    let (field, rest) = from.split_first()?;
    *from = rest;
    if *field == DOUBLE { Some(u64::from_le_bytes(*from.first_chunk()?)) } else { read_varint(from) }
}

/// Reads an `ArrayValue`. The type of an empty list is not kept: it is one of texts.
fn read_array(mut items: &[u8]) -> Option<Array> {
    fn all<T>(items: &mut &[u8], read: impl Fn(&mut &[u8]) -> Option<T>) -> Vec<T> {
        std::iter::from_fn(|| read(&mut read_bytes(items, ITEM)?)).collect()
    }
    let mut first = items;
    Some(match read_bytes(&mut first, ITEM).and_then(|item| item.first().copied()).unwrap_or(TEXT) {
        BOOL => Array::Bool(all(&mut items, |item| Some(read_scalar(item)? != 0))),
        INTEGER => Array::I64(all(&mut items, |item| Some(read_scalar(item)? as i64))),
        DOUBLE => Array::F64(all(&mut items, |item| Some(f64::from_bits(read_scalar(item)?)))),
        TEXT => {
            Array::String(all(&mut items, |item| Some(str::from_utf8(read_bytes(item, TEXT)?).ok()?.to_owned().into())))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use opentelemetry::{Array, KeyValue, Value};

    use super::PackedAttributes;

    fn attributes() -> Vec<KeyValue> {
        let values: [Value; 15] = [
            true.into(),
            false.into(),
            0_i64.into(),
            127_i64.into(),
            128_i64.into(),
            i64::MIN.into(),
            (-0.0_f64).into(),
            f64::INFINITY.into(),
            "".into(),
            "日本".repeat(1_000).into(),
            Value::Array(Array::Bool(vec![true, false])),
            Value::Array(Array::I64(vec![-1, 0, 300])),
            Value::Array(Array::F64(vec![0.5, -1e300])),
            Value::Array(Array::String(vec!["".into(), "a".into()])),
            Value::Array(Array::String(vec![])),
        ];
        let attributes = values.into_iter().enumerate();
        attributes.map(|(number, value)| KeyValue::new("k".repeat(number * 40), value)).collect()
    }

    #[test]
    fn values_of_every_type_come_back() {
        let packed: PackedAttributes = attributes().into_iter().collect();
        assert_eq!(packed.unpack(), attributes());
        for most in 0..=15 {
            assert_eq!(super::unpack(packed.first(most).0).collect::<Vec<_>>(), attributes()[..most]);
            assert_eq!(packed.first(most).1, 15 - most);
        }
        let mut texts = PackedAttributes::default();
        texts.push_text("key", "text");
        assert_eq!(texts.unpack(), [KeyValue::new("key", "text")]);
    }

    #[test]
    fn what_is_added_again_after_a_mark_takes_the_place_of_what_was_before() {
        let mut packed: PackedAttributes = attributes().into_iter().collect();
        let mark = packed.mark();
        packed.keep_later(mark);
        packed.push("new", true.into());
        packed.keep_later(mark);
        let mut expected = attributes();
        expected.push(KeyValue::new("new", true));
        assert_eq!(packed.unpack(), expected);
        for place in [0, 3, 14] {
            packed.push(attributes()[place].key.as_str(), place.to_string().into());
        }
        packed.keep_later(mark);
        for place in [14, 3, 0] {
            expected.remove(place);
        }
        expected.extend([0, 3, 14].map(|place: usize| KeyValue::new("k".repeat(place * 40), place.to_string())));
        assert_eq!(packed.unpack(), expected);
        assert_eq!(packed.len(), expected.len());
        let keys = packed.keys();
        assert!(expected.iter().all(|known| keys.contain(known.key.as_str())));
        assert!(!keys.contain("other") && !keys.contain("wen"));
    }

    #[test]
    fn a_value_of_another_length_takes_the_place_of_the_one_before() {
        for length in [0, 1, 200, 8_000] {
            let mut expected = attributes();
            let mut packed: PackedAttributes = attributes().into_iter().collect();
            for number in [0, 7, 14] {
                let value = Value::from("x".repeat(length));
                packed.set(expected[number].key.as_str(), value.clone());
                expected[number].value = value;
            }
            assert_eq!(packed.unpack(), expected);
            assert!(packed.contains("") && !packed.contains("other"));
        }
    }
}
