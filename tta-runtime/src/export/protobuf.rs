//! Messages of protobuf, written and read field by field.

use std::time::{SystemTime, UNIX_EPOCH};

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, encode_key, encode_varint, skip_field};

use crate::clock::nanoseconds;

/// A message as its fields are written. A field that has protobuf's default is left out, unless its method says otherwise.
#[derive(Debug, Default)]
pub(super) struct Message {
    bytes: Vec<u8>,
}

impl Message {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Writes a `string`.
    pub(super) fn text(&mut self, field: u32, value: &str) {
        self.bytes(field, value.as_bytes());
    }

    /// Writes `bytes`.
    pub(super) fn bytes(&mut self, field: u32, value: &[u8]) {
        if !value.is_empty() {
            self.present_bytes(field, value);
        }
    }

    /// Writes a `string` or `bytes`, empty ones too.
    pub(super) fn present_bytes(&mut self, field: u32, value: &[u8]) {
        self.key(field, WireType::LengthDelimited);
        self.varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
    }

    /// Writes `bytes` of a fixed number.
    #[inline]
    pub(super) fn array<const SIZE: usize>(&mut self, field: u32, value: [u8; SIZE]) {
        self.key(field, WireType::LengthDelimited);
        self.varint(SIZE as u64);
        self.bytes.extend_from_slice(&value);
    }

    /// Writes an `int64`, `uint32`, `bool` or enum.
    pub(super) fn number(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.present_number(field, value);
        }
    }

    /// Writes an `int64`, `uint32`, `bool` or enum, zero too.
    pub(super) fn present_number(&mut self, field: u32, value: u64) {
        self.key(field, WireType::Varint);
        self.varint(value);
    }

    /// Writes a `fixed32`.
    pub(super) fn fixed32(&mut self, field: u32, value: u32) {
        if value != 0 {
            self.key(field, WireType::ThirtyTwoBit);
            self.bytes.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// Writes a `fixed64`.
    pub(super) fn fixed64(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.present_fixed64(field, value);
        }
    }

    /// Writes a `fixed64` or, by its bits, an `sfixed64`, zero too.
    #[inline]
    pub(super) fn present_fixed64(&mut self, field: u32, value: u64) {
        self.key(field, WireType::SixtyFourBit);
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Writes a time as nanoseconds since 1970, a `fixed64`.
    pub(super) fn time(&mut self, field: u32, time: SystemTime) {
        self.fixed64(field, time.duration_since(UNIX_EPOCH).map_or(0, nanoseconds));
    }

    /// Writes a `double`, zero too.
    pub(super) fn present_double(&mut self, field: u32, value: f64) {
        self.present_fixed64(field, value.to_bits());
    }

    /// Writes a packed list of `fixed64` or, by its bits, of `double`.
    pub(super) fn packed_fixed64(&mut self, field: u32, values: impl ExactSizeIterator<Item = u64>) {
        if values.len() == 0 {
            return;
        }
        encode_key(field, WireType::LengthDelimited, &mut self.bytes);
        encode_varint(values.len() as u64 * 8, &mut self.bytes);
        values.for_each(|value| self.bytes.extend_from_slice(&value.to_le_bytes()));
    }

    /// Writes a `sint32`, zero too.
    pub(super) fn signed(&mut self, field: u32, value: i32) {
        // Small negative numbers become small positive ones.
        self.present_number(field, u64::from(((value << 1) ^ (value >> 31)) as u32));
    }

    /// Writes a packed list of `uint64`.
    pub(super) fn packed_numbers(&mut self, field: u32, values: impl Iterator<Item = u64>) {
        self.message(field, |to| values.for_each(|value| encode_varint(value, &mut to.bytes)));
    }

    /// Writes a packed list of `sint64`.
    pub(super) fn packed_signed(&mut self, field: u32, values: impl Iterator<Item = i64>) {
        self.packed_numbers(field, values.map(|value| ((value << 1) ^ (value >> 63)) as u64));
    }

    /// Writes a message with its length alone before it, as in a stream of messages.
    pub(super) fn delimited(&mut self, write: impl FnOnce(&mut Self)) {
        self.with_length::<3>(write);
    }

    /// Writes a message within this one, an empty one too.
    pub(super) fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        self.long_message::<1>(field, write);
    }

    /// Writes a message within this one, whose length probably takes `DIGITS` bytes: 2 from 128 bytes on, 3 from 16 KiB on.
    pub(super) fn long_message<const DIGITS: usize>(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        self.key(field, WireType::LengthDelimited);
        self.with_length::<DIGITS>(write);
    }

    /// Writes a length, which probably takes `DIGITS` bytes, and the message that has it.
    fn with_length<const DIGITS: usize>(&mut self, write: impl FnOnce(&mut Self)) {
        // The length stands before the content that it counts; content moves only if another place was kept for it.
        let place = self.bytes.len();
        self.bytes.extend_from_slice(&[0; DIGITS]);
        write(self);
        let length = self.bytes.len() - place - DIGITS;
        match self.bytes.get_mut(place..) {
            Some([digit, ..]) if DIGITS == 1 && length < 0x80 => *digit = length as u8,
            Some([low, high, ..]) if DIGITS == 2 && (0x80..0x4000).contains(&length) => {
                (*low, *high) = (length as u8 | 0x80, (length >> 7) as u8);
            }
            _ => self.put_length::<DIGITS>(place, length),
        }
    }

    /// Puts a length into the place that was kept for it.
    fn put_length<const DIGITS: usize>(&mut self, place: usize, length: usize) {
        let mut digits = [0; 10];
        let mut rest = &mut digits[..];
        encode_varint(length as u64, &mut rest);
        let unused = rest.len();
        let digits = digits.get(..digits.len() - unused).unwrap_or_default();
        match self.bytes.get_mut(place..place + DIGITS) {
            Some(kept) if kept.len() == digits.len() => kept.copy_from_slice(digits),
            _ => drop(self.bytes.splice(place..place + DIGITS, digits.iter().copied())),
        }
    }

    /// Writes the key of a field.
    #[inline]
    fn key(&mut self, field: u32, wire_type: WireType) {
        // Most fields have a small number, and so a key of one byte.
        if field < 16 {
            self.bytes.push((field << 3) as u8 | wire_type as u8);
        } else if field < 2_048 {
            let key = field << 3 | wire_type as u32;
            self.bytes.extend_from_slice(&[key as u8 | 0x80, (key >> 7) as u8]);
        } else {
            encode_key(field, wire_type, &mut self.bytes);
        }
    }

    #[inline]
    fn varint(&mut self, number: u64) {
        if number < 0x80 {
            self.bytes.push(number as u8);
        } else {
            encode_varint(number, &mut self.bytes);
        }
    }

    /// Returns the number of bytes so far.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Returns the bytes from this one on.
    pub(super) fn since(&self, start: usize) -> &[u8] {
        self.bytes.get(start..).unwrap_or_default()
    }

    /// Appends fields that were written before.
    pub(super) fn append(&mut self, fields: &[u8]) {
        self.bytes.extend_from_slice(fields);
    }

    /// Appends fields that somebody else writes.
    #[cfg(feature = "otlp")]
    #[inline]
    pub(super) fn append_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
    }

    pub(super) fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes);
    }
}

/// The value of a field that is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Reads the fields of a message, and passes over those that are neither numbers nor bytes. `None` if it is malformed.
pub(super) fn read<'a>(mut message: &'a [u8], mut visit: impl FnMut(u32, Field<'a>)) -> Option<()> {
    while !message.is_empty() {
        let (field, wire_type) = decode_key(&mut message).ok()?;
        match wire_type {
            WireType::Varint => visit(field, Field::Number(decode_varint(&mut message).ok()?)),
            WireType::LengthDelimited => {
                let length = usize::try_from(decode_varint(&mut message).ok()?).ok()?;
                let (bytes, rest) = message.split_at_checked(length)?;
                visit(field, Field::Bytes(bytes));
                message = rest;
            }
            _ => skip_field(wire_type, field, &mut message, DecodeContext::default()).ok()?,
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{Field, Message, read};

    fn fields(message: &[u8]) -> Option<Vec<(u32, Field<'_>)>> {
        let mut fields = Vec::new();
        read(message, |field, value| fields.push((field, value)))?;
        Some(fields)
    }

    #[test]
    fn messages_of_every_length_are_read_as_they_were_written() {
        for length in [0, 1, 127, 128, 129, 16_383, 16_384, 2_097_152] {
            let content = vec![b'x'; length];
            let mut message = Message::default();
            message.number(1, 300);
            message.message(2, |inner| inner.present_bytes(3, &content));
            message.long_message::<2>(7, |inner| inner.present_bytes(3, &content));
            message.fixed32(4, 7);
            message.present_double(5, 0.0);
            message.text(6, "end");
            let bytes = message.into_bytes();
            let fields = fields(&bytes).unwrap();
            let [(1, Field::Number(300)), (2, Field::Bytes(inner)), (7, Field::Bytes(long)), (6, Field::Bytes(b"end"))] =
                fields[..]
            else {
                panic!("{fields:?}")
            };
            assert_eq!(self::fields(inner), Some(vec![(3, Field::Bytes(&content[..]))]));
            assert_eq!(long, inner);
        }
    }

    #[test]
    fn defaults_are_left_out_and_a_cut_message_is_refused() {
        let mut message = Message::default();
        message.text(1, "");
        message.number(2, 0);
        message.fixed64(3, 0);
        message.packed_fixed64(4, std::iter::empty::<u64>().collect::<Vec<_>>().into_iter());
        assert_eq!(message.into_bytes(), b"");
        for cut in [&b"\x0a"[..], b"\x0a\x05abc", b"\x08", b"\x09abc", b"\x00", b"\x0f"] {
            assert_eq!(fields(cut), None, "{cut:?}");
        }
    }
}
