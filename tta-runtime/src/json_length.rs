//! JSON within a length: what is too long is shortened inside, so that the rest stays JSON.

use std::io;

use serde::Serialize;
use serde_json::{Map, Value, json};

/// The bytes of a mark that says how much is left out, in JSON.
const MARK: usize = 64;

/// The bytes of such a mark as a message, in JSON.
const MESSAGE_MARK: usize = 128;

/// The least that an element of a list keeps: of a list with more elements than have room for it, the first ones are left out.
const LEAST: usize = 160;

/// Shortens a value so that its JSON has at most `longest` bytes, or 64 if that is more.
///
/// Texts are shortened in the middle, the longest first, and lists that are still too long lose their first elements; a mark in the
/// place says how much is left out. The last element of the outermost list, which is the newest message of a chat, stays whole as
/// long as it takes less than three quarters, or the others leave the room.
pub(crate) fn shorten(value: &mut Value, longest: usize) {
    fit(value, longest, Favourite::Last);
}

/// Returns the bytes that a value takes in JSON.
pub(crate) fn length(value: &impl Serialize) -> usize {
    let mut counted = Counted(0);
    // Counting never fails, and a value that cannot be written fails where it is.
    let _ = serde_json::to_writer(&mut counted, value);
    counted.0
}

/// Returns the bytes that a character takes in a text in JSON.
pub(crate) fn escaped(letter: char) -> usize {
    match letter {
        '"' | '\\' | '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

/// The element of a list that has more room than its share.
#[derive(Clone, Copy, PartialEq)]
enum Favourite {
    Last,
    None,
}

fn fit(value: &mut Value, longest: usize, favourite: Favourite) {
    let whole = length(value);
    if whole <= longest {
        return;
    }
    match value {
        Value::String(text) => *text = shortened(text, longest.saturating_sub(2)),
        Value::Array(items) => shorten_list(items, longest.saturating_sub(2), favourite),
        Value::Object(fields) => shorten_fields(fields, longest.saturating_sub(2)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    // Long names of fields, and brackets in brackets, may leave no room for their contents.
    if length(value) > longest {
        *value = Value::String(mark(whole, "bytes "));
    }
}

/// Keeps the start and the end of a text.
fn shortened(text: &str, longest: usize) -> String {
    let room = longest.saturating_sub(MARK);
    let end_of_head = within(text.chars(), room - room / 3);
    let start_of_tail = text.len() - within(text.chars().rev(), room / 3).min(text.len() - end_of_head);
    let [head, tail] = [text.get(..end_of_head), text.get(start_of_tail..)].map(Option::unwrap_or_default);
    format!("{head}{}{tail}", mark(start_of_tail - end_of_head, "bytes "))
}

/// Returns the bytes of the first letters that take at most `longest` bytes in JSON.
fn within(letters: impl Iterator<Item = char>, longest: usize) -> usize {
    let mut left = longest;
    let fits = |letter: &char| match left.checked_sub(escaped(*letter)) {
        Some(less) => {
            left = less;
            true
        }
        None => false,
    };
    letters.take_while(fits).map(char::len_utf8).sum()
}

fn mark(left_out: usize, unit: &str) -> String {
    format!("… {left_out} {unit}left out …")
}

fn shorten_list(items: &mut Vec<Value>, longest: usize, favourite: Favourite) {
    let mut lengths: Vec<usize> = items.iter().map(length).collect();
    let mut room = longest;
    let mut kept = most_within(&lengths, room);
    if kept < items.len() {
        room = longest.saturating_sub(MESSAGE_MARK);
        kept = most_within(&lengths, room);
    }
    let left_out = items.len() - kept;
    let mark = items.get(..left_out).and_then(<[_]>::first).map(|first| mark_like(first, left_out));
    items.drain(..left_out);
    lengths.drain(..left_out);
    // A comma follows each.
    room = room.saturating_sub(kept);
    if favourite == Favourite::Last
        && let (Some(newest), Some(length)) = (items.last_mut(), lengths.pop())
    {
        let least: usize = lengths.iter().map(|length| (*length).min(LEAST)).sum();
        let others: usize = lengths.iter().sum();
        let share = (room - room / 4).max(room.saturating_sub(others)).min(room.saturating_sub(least)).min(length);
        fit(newest, share, Favourite::None);
        room -= share;
    }
    let share = level(&lengths, room);
    items.iter_mut().zip(&lengths).for_each(|(item, _)| fit(item, share, Favourite::None));
    items.splice(..0, mark);
}

/// Returns how many elements from the end have room for the least of each.
fn most_within(lengths: &[usize], longest: usize) -> usize {
    let mut left = longest;
    let fits = |length: &&usize| match left.checked_sub((**length).min(LEAST) + 1) {
        Some(less) => {
            left = less;
            true
        }
        None => false,
    };
    lengths.iter().rev().take_while(fits).count()
}

/// Returns how long each may be, so that all together are at most this long: those that are shorter leave their rest to the others.
fn level(lengths: &[usize], longest: usize) -> usize {
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable();
    let mut left = longest;
    for (place, length) in sorted.iter().enumerate() {
        let share = left / (sorted.len() - place);
        if *length > share {
            return share;
        }
        left -= length;
    }
    usize::MAX
}

/// Says how many elements are left out, as an element of the same form.
fn mark_like(first: &Value, left_out: usize) -> Value {
    let mark = mark(left_out, "");
    let role = first["role"].as_str().filter(|role| length(role) <= 24);
    match role {
        Some(role) if first["parts"].is_array() => {
            json!({ "role": role, "parts": [{ "type": "text", "content": mark }] })
        }
        Some(role) => json!({ "role": role, "content": mark }),
        None if first["type"].is_string() => json!({ "type": "text", "content": mark }),
        None => Value::String(mark),
    }
}

fn shorten_fields(fields: &mut Map<String, Value>, longest: usize) {
    // The colon and the comma count with the name.
    let mut sizes: Vec<(usize, usize, String)> =
        fields.iter().map(|(name, value)| (length(value), length(name) + 2, name.clone())).collect();
    sizes.sort_unstable_by_key(|(value, name, _)| value + name);
    let names: usize = sizes.iter().map(|(_, name, _)| name).sum();
    let least = (longest.saturating_sub(names) / sizes.len().max(1)).clamp(MARK, LEAST);
    let kept = |longest: usize| {
        let mut left = longest;
        let fits = |(value, name, _): &&(usize, usize, String)| match left.checked_sub((*value).min(least) + name) {
            Some(less) => {
                left = less;
                true
            }
            None => false,
        };
        sizes.iter().take_while(fits).count()
    };
    let (mut room, mut first_left_out) = (longest, kept(longest));
    if first_left_out < sizes.len() {
        room = longest.saturating_sub(MARK);
        first_left_out = kept(room);
    }
    let left_out = sizes.split_off(first_left_out);
    for (.., name) in &left_out {
        fields.remove(name);
    }
    let names: usize = sizes.iter().map(|(_, name, _)| name).sum();
    let lengths: Vec<_> = sizes.iter().map(|(value, ..)| *value).collect();
    let share = level(&lengths, room.saturating_sub(names));
    fields.values_mut().for_each(|value| fit(value, share, Favourite::None));
    if !left_out.is_empty() {
        fields.insert("…".to_owned(), Value::String(mark(left_out.len(), "")));
    }
}

struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MARK, escaped, length, shorten};

    fn shortened(mut value: Value, longest: usize) -> Value {
        shorten(&mut value, longest);
        assert!(length(&value) <= longest, "{} bytes: {value}", length(&value));
        value
    }

    fn message(role: &str, text: &str) -> Value {
        json!({ "role": role, "parts": [{ "type": "text", "content": text }] })
    }

    #[test]
    fn a_chat_keeps_its_messages_and_the_newest_one_whole() {
        let long = "x".repeat(5_000);
        let chat = json!([message("user", "Hi"), message("assistant", &long), message("user", "Why?\n\"So\"")]);
        let short = shortened(chat, 400);
        let kept = short[1]["parts"][0]["content"].as_str().expect("a text");
        let left_out = 5_000 - kept.matches('x').count();
        assert_eq!(kept.split('…').nth(1), Some(&*format!(" {left_out} bytes left out ")));
        assert!(left_out < 4_900, "{left_out}");
        let second = message("assistant", kept);
        assert_eq!(short, json!([message("user", "Hi"), second, message("user", "Why?\n\"So\"")]));
    }

    #[test]
    fn a_long_newest_message_leaves_something_of_the_others() {
        let [old, new] = ["x", "y"].map(|letter| letter.repeat(10_000));
        let short = shortened(json!([message("user", &old), message("user", &new)]), 4_000);
        let letters = |place: usize, letter| short[place]["parts"][0]["content"].to_string().matches(letter).count();
        let [old, new] = [letters(0, 'x'), letters(1, 'y')];
        assert!((700..1_000).contains(&old) && (2_700..3_000).contains(&new), "{old} {new}");
    }

    #[test]
    fn a_chat_of_too_many_messages_loses_the_first_ones() {
        let chat: Vec<_> = (0..1_000).map(|place| message("user", &format!("message {place}"))).collect();
        let short = shortened(chat.clone().into(), 4_000);
        let kept = short.as_array().expect("a list");
        let left_out = 1_001 - kept.len();
        assert_eq!(kept.first(), Some(&message("user", &format!("… {left_out} left out …"))));
        assert_eq!(kept.get(1..), chat.get(left_out..));
        assert!(left_out < 950, "{left_out}");
    }

    #[test]
    fn any_value_stays_json_within_its_length() {
        let control = "\u{1}\"\\\n日😀".repeat(300);
        let values = [
            json!(control),
            json!({ "a": control, "b": { "c": [control, control] }, "d": 7 }),
            json!({ control.clone(): 1, "short": 2 }),
            Value::Object((0..5_000).map(|place| (place.to_string(), json!(place))).collect()),
            json!(vec![0; 5_000]),
            (0..100).fold(
                json!(control),
                |inner, place| if place % 2 == 0 { json!([inner]) } else { json!({ "in": inner }) },
            ),
        ];
        for value in values {
            for longest in [MARK, 65, 100, 127, 128, 150, 200, 333, 1_000, 5_000] {
                let short = shortened(value.clone(), longest);
                assert_eq!(serde_json::from_str::<Value>(&short.to_string()).ok(), Some(short.clone()));
                assert_eq!(shortened(short.clone(), longest), short, "what fits is left alone");
            }
            assert_eq!(shortened(value.clone(), length(&value)), value);
        }
    }

    #[test]
    fn every_character_takes_the_bytes_that_json_writes() {
        for letter in (0..=0x2100).filter_map(char::from_u32).chain(['日', '😀']) {
            assert_eq!(escaped(letter), length(&letter) - 2, "{letter:?}");
        }
    }
}
