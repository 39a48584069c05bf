//! The limits of what one span holds, by OpenTelemetry's variables, and counts of what they left out.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use opentelemetry::{Array, KeyValue, StringValue, Value};
use serde_json::Value as Json;

use crate::json_length;
use crate::schema::genai;
use crate::text::cut;

/// The most bytes of content while no variable sets a limit on texts: prompts and answers are longer than other texts.
const CONTENT_LENGTH: usize = 64 << 10;

/// The longest content that no limit on texts makes plain text, which need not be JSON.
const LEAST_JSON: usize = 64;

/// The attributes besides those of the conventions that receivers read content from.
const RECEIVERS_CONTENT: [&str; 2] = ["input.value", "output.value"];

/// A limit on the parts of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpanLimit {
    /// Attributes of a span.
    Attributes,
    /// Characters of a text, by default bytes; a list holds as many bytes in all, and content as many or [`CONTENT_LENGTH`].
    TextLength,
    /// Events of a span.
    Events,
    /// Attributes of an event.
    EventAttributes,
}

impl SpanLimit {
    pub(crate) const ALL: [Self; 4] = [Self::Attributes, Self::TextLength, Self::Events, Self::EventAttributes];

    /// Returns the variables that set the limit; the first one wins.
    pub(crate) const fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Attributes => &["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"],
            Self::TextLength => &["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"],
            Self::Events => &["OTEL_SPAN_EVENT_COUNT_LIMIT"],
            Self::EventAttributes => &["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"],
        }
    }

    /// Returns the limit while no variable sets it.
    pub(crate) const fn default_value(self) -> usize {
        match self {
            Self::TextLength => 8_192,
            Self::Attributes | Self::Events | Self::EventAttributes => 128,
        }
    }

    /// Sets the limit for spans from now on, `None` to the default.
    pub(crate) fn set(self, value: Option<usize>) {
        if let Some(limit) = LIMITS.get(self as usize) {
            limit.store(value.unwrap_or(self.default_value()), Ordering::Relaxed);
        }
        if self == Self::TextLength {
            COUNTS_CHARACTERS.store(value.is_some(), Ordering::Relaxed);
        }
    }

    /// Returns the limit in force.
    #[inline]
    pub(crate) fn value(self) -> usize {
        LIMITS.get(self as usize).map_or(0, |limit| limit.load(Ordering::Relaxed))
    }
}

static LIMITS: [AtomicUsize; SpanLimit::ALL.len()] = [
    AtomicUsize::new(SpanLimit::Attributes.default_value()),
    AtomicUsize::new(SpanLimit::TextLength.default_value()),
    AtomicUsize::new(SpanLimit::Events.default_value()),
    AtomicUsize::new(SpanLimit::EventAttributes.default_value()),
];

/// True if the longest text is configured: OpenTelemetry's variables count characters, and the default bounds memory.
static COUNTS_CHARACTERS: AtomicBool = AtomicBool::new(false);

/// A part of a span that a limit left out or shortened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LostPart {
    Attribute,
    Event,
    EventAttribute,
    /// The end of a text.
    Text,
    /// The end of a list.
    List,
}

impl LostPart {
    pub(crate) const ALL: [Self; 5] = [Self::Attribute, Self::Event, Self::EventAttribute, Self::Text, Self::List];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Attribute => "attribute",
            Self::Event => "event",
            Self::EventAttribute => "event_attribute",
            Self::Text => "text",
            Self::List => "list",
        }
    }

    /// Counts lost parts; later, if this thread may still take them back.
    pub(crate) fn add(self, n: usize) {
        let is_held_back = HELD_BACK.try_with(|held_back| {
            let Some(mut losses) = held_back.get() else { return false };
            if let Some(lost) = losses.0.get_mut(self as usize) {
                *lost += n;
            }
            held_back.set(Some(losses));
            true
        });
        if !is_held_back.unwrap_or(false)
            && let Some(lost) = LOST.get(self as usize)
        {
            lost.fetch_add(n as u64, Ordering::Relaxed);
        }
    }

    /// Returns how many such parts this process has lost.
    pub(crate) fn lost(self) -> u64 {
        LOST.get(self as usize).map_or(0, |lost| lost.load(Ordering::Relaxed))
    }
}

/// The parts that some work lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Losses([usize; LostPart::ALL.len()]);

thread_local! {
    /// What the work on this thread lost whose result may be thrown away.
    static HELD_BACK: Cell<Option<Losses>> = const { Cell::new(None) };
}

impl Losses {
    /// Returns what `work` lost, which is not counted yet.
    pub(crate) fn of<T>(work: impl FnOnce() -> T) -> (T, Self) {
        let around = HELD_BACK.try_with(|held_back| held_back.replace(Some(Self::default())));
        let result = work();
        let losses = HELD_BACK.try_with(|held_back| held_back.replace(around.ok().flatten()));
        (result, losses.ok().flatten().unwrap_or_default())
    }

    /// Counts them, or adds them to those of the work around.
    pub(crate) fn count(self) {
        self.each(&mut LostPart::add);
    }

    /// Passes them to `count`.
    pub(crate) fn each(self, count: Count<'_>) {
        for (part, lost) in LostPart::ALL.into_iter().zip(self.0) {
            if lost > 0 {
                count(part, lost);
            }
        }
    }
}

static LOST: [AtomicU64; LostPart::ALL.len()] = [const { AtomicU64::new(0) }; LostPart::ALL.len()];

/// Takes what a limit left out: the kind of part, and how many.
pub(crate) type Count<'a> = &'a mut dyn FnMut(LostPart, usize);

/// Shortens a text to the limit, at a character.
#[inline]
pub(crate) fn text(text: &str) -> &str {
    // No text has more characters than bytes.
    if text.len() <= SpanLimit::TextLength.value() { text } else { shortened(text, &mut LostPart::add) }
}

/// Shortens the text of an attribute to the limit: content inside its JSON, and other texts at a character.
#[inline]
pub(crate) fn attribute_text<'a>(key: &str, text: &'a str) -> Cow<'a, str> {
    // No text has more characters than bytes.
    if text.len() <= SpanLimit::TextLength.value() {
        Cow::Borrowed(text)
    } else {
        shortened_attribute_text(key, text, &mut LostPart::add)
    }
}

/// Shortens a text as [`attribute_text`] does, and passes the loss to `count`.
pub(crate) fn shortened_attribute_text<'a>(key: &str, text: &'a str, count: Count<'_>) -> Cow<'a, str> {
    let is_content = genai::CONTENT.contains(&key) || RECEIVERS_CONTENT.contains(&key);
    let longest = content_length();
    if !is_content || longest < LEAST_JSON {
        return Cow::Borrowed(shortened(text, count));
    }
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    // Arguments and results of tools may be texts by themselves.
    let json = serde_json::from_str(text).unwrap_or_else(|_| Json::from(text));
    Cow::Owned(shortened_content(json, longest, count))
}

/// Returns a content as text: a text as it is, another value as JSON, within the limit.
pub(crate) fn content(value: Json) -> String {
    let longest = content_length();
    let whole = if let Json::String(text) = &value { text.clone() } else { value.to_string() };
    if longest < LEAST_JSON {
        return text(&whole).to_owned();
    }
    if whole.len() <= longest { whole } else { shortened_content(value, longest, &mut LostPart::add) }
}

fn shortened_content(json: Json, longest: usize, count: Count<'_>) -> String {
    let mut json = json;
    count(LostPart::Text, 1);
    json_length::shorten(&mut json, longest);
    if let Json::String(text) = json { text } else { json.to_string() }
}

/// Returns the most bytes of a content.
fn content_length() -> usize {
    let limit = SpanLimit::TextLength.value();
    if COUNTS_CHARACTERS.load(Ordering::Relaxed) { limit } else { CONTENT_LENGTH }
}

/// Shortens a text as [`text`] does, and passes the loss to `count`.
pub(crate) fn shortened<'a>(text: &'a str, count: Count<'_>) -> &'a str {
    let kept = LongestText::in_force().start_of(text);
    if kept.len() < text.len() {
        count(LostPart::Text, 1);
    }
    kept
}

/// The limit on a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LongestText {
    Bytes(usize),
    Characters(usize),
}

impl LongestText {
    /// Returns the limit in force.
    pub(crate) fn in_force() -> Self {
        let longest = SpanLimit::TextLength.value();
        if COUNTS_CHARACTERS.load(Ordering::Relaxed) { Self::Characters(longest) } else { Self::Bytes(longest) }
    }

    /// Returns the start of a text that is within the limit.
    pub(crate) fn start_of(self, text: &str) -> &str {
        match self {
            Self::Bytes(longest) => cut(text, longest),
            // No text has more characters than bytes.
            Self::Characters(longest) if text.len() <= longest => text,
            // Most texts are ASCII, where characters need not be counted one by one.
            Self::Characters(longest) if text.as_bytes().get(..longest).is_some_and(<[u8]>::is_ascii) => {
                cut(text, longest)
            }
            Self::Characters(longest) => match text.char_indices().nth(longest) {
                Some((end, _)) => text.get(..end).unwrap_or_default(),
                None => text,
            },
        }
    }
}

/// Copies a list of numbers up to the limit.
pub(crate) fn list<T: Copy, U>(items: &[T], into: impl Fn(T) -> U) -> Vec<U> {
    shortened_list(items, into, &mut LostPart::add)
}

fn shortened_list<T: Copy, U>(items: &[T], into: impl Fn(T) -> U, count: Count<'_>) -> Vec<U> {
    let most = SpanLimit::TextLength.value() / size_of::<u64>();
    if items.len() > most {
        count(LostPart::List, 1);
    }
    items.iter().take(most).map(|&item| into(item)).collect()
}

/// Copies a list of texts until the limit is used up; each item counts with the size of a text's own data.
pub(crate) fn texts<'a>(items: impl Iterator<Item = &'a str>) -> Vec<StringValue> {
    shortened_texts(items, &mut LostPart::add)
}

fn shortened_texts<'a>(items: impl Iterator<Item = &'a str>, count: Count<'_>) -> Vec<StringValue> {
    let mut left = SpanLimit::TextLength.value();
    let mut kept = Vec::new();
    for item in items {
        let item = shortened(item, count);
        let size = item.len() + size_of::<StringValue>();
        if size > left && !kept.is_empty() || left == 0 {
            count(LostPart::List, 1);
            break;
        }
        left = left.saturating_sub(size);
        kept.push(StringValue::from(item.to_owned()));
    }
    kept
}

/// Applies the limits to the value of an attribute; copies only what is too long.
pub(crate) fn value(key: &str, value: Value) -> Value {
    shortened_value(key, value, &mut LostPart::add)
}

/// Applies the limits as [`value`] does, and passes the losses to `count`.
pub(crate) fn shortened_value(key: &str, value: Value, count: Count<'_>) -> Value {
    match &value {
        Value::String(long) if long.as_str().len() > SpanLimit::TextLength.value() => {
            match shortened_attribute_text(key, long.as_str(), count) {
                Cow::Borrowed(kept) if kept.len() == long.as_str().len() => value,
                kept => Value::from(kept.into_owned()),
            }
        }
        Value::Array(Array::String(items)) => {
            let is_long = items.iter().map(|item| item.as_str().len() + size_of::<StringValue>()).sum::<usize>()
                > SpanLimit::TextLength.value();
            if is_long {
                Value::Array(shortened_texts(items.iter().map(StringValue::as_str), count).into())
            } else {
                value
            }
        }
        Value::Array(Array::Bool(items)) => Value::Array(shortened_list(items, |item| item, count).into()),
        Value::Array(Array::I64(items)) => Value::Array(shortened_list(items, |item| item, count).into()),
        Value::Array(Array::F64(items)) => Value::Array(shortened_list(items, |item| item, count).into()),
        _ => value,
    }
}

/// Shortens a list of attributes to a limit on their number, and each value to its own. Returns how many were left out.
///
/// `part` is the kind of part that is left out. A list that is shortened for each of several exporters is counted once by `count`.
pub(crate) fn attributes(attributes: &mut Vec<KeyValue>, limit: SpanLimit, part: LostPart, count: Count<'_>) -> usize {
    let over = attributes.len().saturating_sub(limit.value());
    if over > 0 {
        attributes.truncate(limit.value());
        // The space of a long list would stay taken.
        attributes.shrink_to_fit();
        count(part, over);
    }
    for attribute in attributes {
        let whole = std::mem::replace(&mut attribute.value, Value::Bool(false));
        attribute.value = shortened_value(attribute.key.as_str(), whole, count);
    }
    over
}

#[cfg(test)]
mod tests {
    use opentelemetry::{Array, Value};

    use std::borrow::Cow;

    use serde_json::{Value as Json, json};

    use super::{CONTENT_LENGTH, LongestText, SpanLimit, attribute_text, content, text, texts, value};
    use crate::schema::genai;

    #[test]
    fn a_text_is_shortened_at_a_character() {
        let longest = SpanLimit::TextLength.value();
        let long = format!("x{}", "é".repeat(longest));
        assert_eq!(text(&long), format!("x{}", "é".repeat(longest / 2 - 1)));
        assert_eq!(text(&"x".repeat(longest + 1)), "x".repeat(longest));
        let fits = "é".repeat(longest / 2);
        assert_eq!(text(&fits), fits);
    }

    #[test]
    fn content_is_shortened_inside_its_json_and_again_as_little_as_it_was() {
        let message = |text: &str| json!({ "role": "user", "parts": [{ "type": "text", "content": text }] });
        let chat = json!([message(&"x".repeat(CONTENT_LENGTH)), message("Why?")]);
        let short = content(chat.clone());
        assert!((CONTENT_LENGTH - 64..=CONTENT_LENGTH).contains(&short.len()), "{}", short.len());
        let read: Json = serde_json::from_str(&short).expect("it is JSON");
        assert_eq!(read[1], message("Why?"));
        for key in genai::CONTENT.into_iter().chain(["input.value", "output.value"]) {
            assert_eq!(attribute_text(key, &chat.to_string()), short);
            assert!(matches!(attribute_text(key, &short), Cow::Borrowed(same) if same == short));
            assert_eq!(value(key, short.clone().into()), short.clone().into());
        }
        assert_eq!(attribute_text("llm.note", &short), text(&short));
        let plain = content("é".repeat(CONTENT_LENGTH).into());
        assert!(plain.starts_with("ééé") && plain.ends_with("ééé") && plain.contains(" bytes left out …"));
    }

    #[test]
    fn a_limit_counts_bytes_or_characters() {
        let start = |limit: LongestText, text: &'static str| limit.start_of(text);
        assert_eq!([start(LongestText::Bytes(4), "日本"), start(LongestText::Characters(2), "日本")], ["日", "日本"]);
        assert_eq!(
            [start(LongestText::Bytes(4), "naïve"), start(LongestText::Characters(4), "naïve")],
            ["naï", "naïv"]
        );
        assert_eq!([start(LongestText::Bytes(3), "plain"), start(LongestText::Characters(3), "plain")], ["pla", "pla"]);
        assert_eq!([start(LongestText::Bytes(0), "é"), start(LongestText::Characters(0), "é")], ["", ""]);
    }

    #[test]
    fn a_list_holds_as_much_as_a_text() {
        let longest = SpanLimit::TextLength.value();
        let mebibyte = "x".repeat(1 << 20);
        assert_eq!(texts(std::iter::repeat_n(mebibyte.as_str(), 8)).len(), 1, "the first one is shortened and kept");
        let empty = texts(std::iter::repeat_n("", 100_000));
        assert!(empty.len() * size_of::<opentelemetry::StringValue>() <= longest, "{}", empty.len());
        let numbers = value("key", Value::Array(Array::I64(vec![1; 1 << 20])));
        assert_eq!(numbers, Value::Array(Array::I64(vec![1; longest / 8])));
    }
}
