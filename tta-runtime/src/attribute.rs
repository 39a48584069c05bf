//! The values of span attributes.

use opentelemetry::{Array, KeyValue, StringValue, Value};

use crate::packed_attributes::PackedAttributes;
use crate::panics::caught;
use crate::span_limits::{self, Losses};

/// A value for the `attributes(…)` of an annotated function, which is borrowed and never moved.
///
/// - Text is truncated to 8 KiB, at a character boundary, or to `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT` characters. Content under
///   the names of OpenTelemetry's conventions, such as `gen_ai.input.messages`, is shortened as by [`llm::content`](crate::llm::content).
/// - A list holds as many bytes in all, and is truncated after the last item that fits.
/// - An integer is recorded as `i64`, OpenTelemetry's only integer; one out of its range is recorded as text.
/// - A [`Duration`](std::time::Duration) is recorded in seconds, as a float.
/// - `None` omits the attribute.
///
/// ```
/// use tta_runtime::AttributeValue;
///
/// assert_eq!(3_u8.to_value(), Some(opentelemetry::Value::I64(3)));
/// assert_eq!(None::<&str>.to_value(), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a span attribute value",
    label = "cannot be recorded",
    note = "write a string, a bool, an integer, a float, a list of these, an `Option` of these, or `.to_string()`"
)]
pub trait AttributeValue {
    /// Returns the value as OpenTelemetry's type, or `None` to omit the attribute.
    fn to_value(&self) -> Option<Value>;

    /// Adds the attribute to a span; a text is copied once.
    #[doc(hidden)]
    fn add_to(&self, attributes: &mut Attributes, key: &'static str) {
        if let Some(value) = self.to_value() {
            attributes.0.push(key, value);
        }
    }
}

/// The attributes of a span that is about to start.
#[derive(Debug, Default)]
pub struct Attributes(PackedAttributes);

impl Attributes {
    /// Adds an attribute, unless its value is `None`.
    pub fn set(&mut self, key: &'static str, value: &(impl AttributeValue + ?Sized)) {
        value.add_to(self, key);
    }

    /// Adds an attribute, unless there is one of its key.
    pub(crate) fn add_missing(&mut self, attribute: KeyValue) {
        if !self.0.contains(attribute.key.as_str()) {
            self.0.push(attribute.key.as_str(), attribute.value);
        }
    }

    /// Lets user code add to the attributes, in the place of those with the same keys; without effect if it panics, as `caught`
    /// reports by `None`.
    pub(crate) fn add_caught(attributes: &mut PackedAttributes, add: impl FnOnce(&mut Self)) {
        let before = attributes.mark();
        let mut own = Self(std::mem::take(attributes));
        let (added, losses) = Losses::of(|| caught(|| add(&mut own)));
        *attributes = own.0;
        if added.is_some() {
            losses.count();
            attributes.keep_later(before);
        } else {
            attributes.reset(before);
        }
    }
}

impl<T: AttributeValue + ?Sized> AttributeValue for &T {
    fn to_value(&self) -> Option<Value> {
        T::to_value(self)
    }

    fn add_to(&self, attributes: &mut Attributes, key: &'static str) {
        T::add_to(self, attributes, key);
    }
}

impl<T: AttributeValue + ?Sized> AttributeValue for &mut T {
    fn to_value(&self) -> Option<Value> {
        T::to_value(self)
    }

    fn add_to(&self, attributes: &mut Attributes, key: &'static str) {
        T::add_to(self, attributes, key);
    }
}

impl<T: AttributeValue> AttributeValue for Option<T> {
    fn to_value(&self) -> Option<Value> {
        self.as_ref()?.to_value()
    }

    fn add_to(&self, attributes: &mut Attributes, key: &'static str) {
        if let Some(value) = self {
            value.add_to(attributes, key);
        }
    }
}

impl AttributeValue for Value {
    fn to_value(&self) -> Option<Value> {
        Some(match self {
            // A text or a list of any length is not copied first.
            Self::String(text) => span_limits::text(text.as_str()).to_owned().into(),
            Self::Array(Array::String(items)) => {
                Self::Array(span_limits::texts(items.iter().map(StringValue::as_str)).into())
            }
            other => span_limits::value("", other.clone()),
        })
    }

    fn add_to(&self, attributes: &mut Attributes, key: &'static str) {
        match self {
            Self::String(text) => attributes.0.push_text(key, text.as_str()),
            other => other.to_value().into_iter().for_each(|value| attributes.0.push(key, value)),
        }
    }
}

macro_rules! texts {
    ($($type:ty),*) => {$(
        impl AttributeValue for $type {
            fn to_value(&self) -> Option<Value> {
                Some(span_limits::text(self).to_owned().into())
            }

            fn add_to(&self, attributes: &mut Attributes, key: &'static str) {
                attributes.0.push_text(key, self);
            }
        }
    )*};
}
texts!(str, String, std::borrow::Cow<'_, str>, Box<str>, std::sync::Arc<str>);

impl AttributeValue for std::time::Duration {
    fn to_value(&self) -> Option<Value> {
        Some(self.as_secs_f64().into())
    }
}

macro_rules! numbers {
    ($($type:ty => $kind:ident by $push:ident of $convert:expr),* $(,)?) => {$(
        impl AttributeValue for $type {
            fn to_value(&self) -> Option<Value> {
                Some(Value::$kind($convert(*self)))
            }

            fn add_to(&self, attributes: &mut Attributes, key: &'static str) {
                attributes.0.$push(key, $convert(*self));
            }
        }
    )*};
}
numbers!(
    bool => Bool by push_bool of bool::from,
    f64 => F64 by push_double of f64::from,
    f32 => F64 by push_double of f64::from,
    i64 => I64 by push_integer of i64::from,
    i32 => I64 by push_integer of i64::from,
    i16 => I64 by push_integer of i64::from,
    i8 => I64 by push_integer of i64::from,
    u32 => I64 by push_integer of i64::from,
    u16 => I64 by push_integer of i64::from,
    u8 => I64 by push_integer of i64::from,
);

macro_rules! wide_integers {
    ($($type:ty),*) => {$(
        impl AttributeValue for $type {
            fn to_value(&self) -> Option<Value> {
                Some(i64::try_from(*self).map_or_else(|_| self.to_string().into(), Value::I64))
            }

            fn add_to(&self, attributes: &mut Attributes, key: &'static str) {
                match i64::try_from(*self) {
                    Ok(number) => attributes.0.push_integer(key, number),
                    Err(_) => attributes.0.push_text(key, &self.to_string()),
                }
            }
        }
    )*};
}
wide_integers!(u64, u128, i128, usize, isize);

macro_rules! lists {
    ($($item:ty => $copy:expr),* $(,)?) => {$(
        impl AttributeValue for [$item] {
            fn to_value(&self) -> Option<Value> {
                let copy: fn(&[$item]) -> Array = $copy;
                Some(Value::Array(copy(self)))
            }
        }
        impl AttributeValue for Vec<$item> {
            fn to_value(&self) -> Option<Value> {
                self.as_slice().to_value()
            }
        }
        impl<const N: usize> AttributeValue for [$item; N] {
            fn to_value(&self) -> Option<Value> {
                self.as_slice().to_value()
            }
        }
    )*};
}
lists!(
    bool => |items| span_limits::list(items, |item| item).into(),
    f64 => |items| span_limits::list(items, |item| item).into(),
    i64 => |items| span_limits::list(items, |item| item).into(),
    i32 => |items| span_limits::list(items, i64::from).into(),
    u32 => |items| span_limits::list(items, i64::from).into(),
    String => |items| span_limits::texts(items.iter().map(String::as_str)).into(),
    &str => |items| span_limits::texts(items.iter().copied()).into(),
);

#[cfg(test)]
mod tests {
    use super::{AttributeValue, Attributes};
    use crate::packed_attributes::PackedAttributes;
    use crate::span_limits::{Losses, LostPart, SpanLimit};
    use opentelemetry::Value;

    #[test]
    fn an_integer_out_of_range_is_recorded_as_text() {
        assert_eq!(u64::MAX.to_value(), Some(Value::from("18446744073709551615".to_owned())));
        assert_eq!(7_usize.to_value(), Some(Value::I64(7)));
    }

    #[test]
    fn attributes_that_are_taken_back_after_a_panic_count_as_no_losses() {
        let too_many = SpanLimit::Attributes.value() + 3;
        let add = |then: fn()| {
            let mut attributes = PackedAttributes::NONE;
            let ((), losses) = Losses::of(|| {
                Attributes::add_caught(&mut attributes, |own| {
                    own.set("long", &"x".repeat(10_000));
                    (1..too_many).for_each(|number| own.set("key", &number));
                    then();
                });
            });
            (attributes.len(), attributes.dropped(), losses)
        };
        let ((), expected) = Losses::of(|| {
            LostPart::Text.add(1);
            LostPart::Attribute.add(3);
        });
        assert_eq!(add(|| ()), (SpanLimit::Attributes.value(), 3, expected));
        assert_eq!(add(|| panic!("the expression of an attribute")), (0, 0, Losses::default()));
    }

    #[test]
    fn a_list_is_an_array() {
        assert_eq!(vec!["a", "b"].to_value().map(|value| value.to_string()), Some("[\"a\",\"b\"]".to_owned()));
    }
}
