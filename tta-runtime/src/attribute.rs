//! What a span attribute can hold.

use opentelemetry::{Array, KeyValue, StringValue, Value};

/// A value for the `attributes(…)` of an annotated function.
///
/// Integers are recorded as 64-bit signed ones, as OpenTelemetry has no other; one that does not fit is recorded as
/// text. `None` leaves the attribute out.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value of a span attribute",
    label = "cannot be recorded",
    note = "write a string, a bool, an integer, a float, a list of these, an `Option` of these, or `.to_string()`"
)]
pub trait AttributeValue {
    /// Returns the value as OpenTelemetry's type, or `None` to leave the attribute out.
    fn into_value(self) -> Option<Value>;
}

/// The attributes of a span that is about to start.
///
/// ```
/// use tta_runtime::AttributeValue;
///
/// assert_eq!(3_u8.into_value(), Some(opentelemetry::Value::I64(3)));
/// assert_eq!(None::<&str>.into_value(), None);
/// ```
#[derive(Debug, Default)]
pub struct Attributes<'a> {
    values: Vec<KeyValue>,
    lifetime: std::marker::PhantomData<&'a ()>,
}

impl Attributes<'_> {
    /// Adds an attribute, unless its value is `None`.
    pub fn set(&mut self, key: &'static str, value: impl AttributeValue) {
        if let Some(value) = value.into_value() {
            self.values.push(KeyValue::new(key, value));
        }
    }

    pub(crate) fn into_values(self) -> Vec<KeyValue> {
        self.values
    }
}

impl<T: AttributeValue> AttributeValue for Option<T> {
    fn into_value(self) -> Option<Value> {
        self?.into_value()
    }
}

impl AttributeValue for Value {
    fn into_value(self) -> Option<Value> {
        Some(self)
    }
}

impl AttributeValue for &str {
    fn into_value(self) -> Option<Value> {
        Some(self.to_owned().into())
    }
}

impl AttributeValue for String {
    fn into_value(self) -> Option<Value> {
        Some(self.into())
    }
}

impl AttributeValue for &String {
    fn into_value(self) -> Option<Value> {
        Some(self.clone().into())
    }
}

impl AttributeValue for std::borrow::Cow<'_, str> {
    fn into_value(self) -> Option<Value> {
        Some(self.into_owned().into())
    }
}

impl AttributeValue for std::time::Duration {
    /// In seconds.
    fn into_value(self) -> Option<Value> {
        Some(self.as_secs_f64().into())
    }
}

macro_rules! exact {
    ($($type:ty),*) => {$(
        impl AttributeValue for $type {
            fn into_value(self) -> Option<Value> {
                Some(Value::from(self))
            }
        }
        impl AttributeValue for &$type {
            fn into_value(self) -> Option<Value> {
                Some(Value::from(*self))
            }
        }
    )*};
}
exact!(bool, i64, f64);

impl AttributeValue for f32 {
    fn into_value(self) -> Option<Value> {
        Some(f64::from(self).into())
    }
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl AttributeValue for $type {
            fn into_value(self) -> Option<Value> {
                Some(i64::try_from(self).map_or_else(|_| self.to_string().into(), Value::from))
            }
        }
        impl AttributeValue for &$type {
            fn into_value(self) -> Option<Value> {
                (*self).into_value()
            }
        }
    )*};
}
integers!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i128, isize);

macro_rules! arrays {
    ($($item:ty => $into:expr),* $(,)?) => {$(
        impl AttributeValue for Vec<$item> {
            fn into_value(self) -> Option<Value> {
                self.as_slice().into_value()
            }
        }
        impl AttributeValue for &Vec<$item> {
            fn into_value(self) -> Option<Value> {
                self.as_slice().into_value()
            }
        }
        impl AttributeValue for &[$item] {
            fn into_value(self) -> Option<Value> {
                Some(Value::Array(Array::from(self.iter().map($into).collect::<Vec<_>>())))
            }
        }
    )*};
}
arrays!(
    bool => |item| *item,
    i64 => |item| *item,
    f64 => |item| *item,
    i32 => |item| i64::from(*item),
    u32 => |item| i64::from(*item),
    String => |item| StringValue::from(item.clone()),
    &str => |item| StringValue::from((*item).to_owned()),
);

#[cfg(test)]
mod tests {
    use super::AttributeValue;
    use opentelemetry::Value;

    #[test]
    fn an_integer_that_does_not_fit_is_kept_as_text() {
        assert_eq!(u64::MAX.into_value(), Some(Value::from("18446744073709551615".to_owned())));
    }

    #[test]
    fn a_list_is_an_array() {
        assert_eq!(vec!["a", "b"].into_value().map(|value| value.to_string()), Some("[\"a\",\"b\"]".to_owned()));
    }
}
