//! A serializer that keeps the wanted fields of a value, and does not look into the others.

use std::cell::Cell;

use serde::Serialize;
use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::{Error, Map, Value};

use crate::text;

/// The longest text that is kept whole; of a longer one, its start shows that it is there.
const LONGEST_TEXT: usize = 256;

/// The most items of a list that are looked at.
const MOST_ITEMS: usize = 1_024;

/// The longest tuple that implements `Serialize`.
const LONGEST_TUPLE: usize = 16;

/// The start of the names under which `serde_json` serialises what it alone understands, as JSON text.
const OWN_TYPES: &str = "$serde_json::private::";

/// Returns the fields of a value whose keys are wanted, at any depth. A variant of an enum is as its content.
pub(crate) fn pick<T: Serialize + ?Sized>(value: &T, wants: &dyn Fn(&str) -> bool) -> Value {
    value.serialize(Picker { wants, variant: None }).unwrap_or_default()
}

/// An event of a stream.
pub(super) struct Picked {
    /// The variant, if the event is one of an enum.
    pub(super) variant: Option<&'static str>,
    pub(super) value: Value,
}

/// Returns all fields of an event.
pub(super) fn pick_event<T: Serialize + ?Sized>(event: &T) -> Picked {
    let variant = Cell::new(None);
    let value = event.serialize(Picker { wants: &|_| true, variant: Some(&variant) }).unwrap_or_default();
    Picked { variant: variant.get(), value }
}

#[derive(Clone, Copy)]
struct Picker<'a> {
    wants: &'a dyn Fn(&str) -> bool,
    /// Receives the variant of the outermost value.
    variant: Option<&'a Cell<Option<&'static str>>>,
}

impl<'a> Picker<'a> {
    /// Returns the serializer of a part.
    fn inner(self) -> Self {
        Self { variant: None, ..self }
    }

    fn of_variant(self, variant: &'static str) -> Self {
        if let Some(of_outermost) = self.variant {
            of_outermost.set(Some(variant));
        }
        self.inner()
    }

    fn items(self) -> Items<'a> {
        Items { picker: self.inner(), values: Vec::new(), may_be_vector: true }
    }

    /// Returns the items of a tuple, which may be of different types; an array is a tuple too, of more items.
    fn items_of(self, length: usize) -> Items<'a> {
        Items { may_be_vector: length > LONGEST_TUPLE, ..self.items() }
    }

    fn fields(self) -> Fields<'a> {
        Fields { picker: self.inner(), wanted: Map::new(), key: None }
    }
}

/// Defines the methods of scalars: each converts into a value.
macro_rules! scalars {
    ($($method:ident: $type:ty => $convert:expr;)*) => {
        $(
            fn $method(self, value: $type) -> Result<Value, Error> {
                Ok($convert(value))
            }
        )*
    };
}

/// Returns the number that was written: `0.2_f32` is not 0.20000000298.
fn widened(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| f64::from(number))
}

impl<'a> Serializer for Picker<'a> {
    type Ok = Value;
    type Error = Error;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Struct<'a>;
    type SerializeStructVariant = Fields<'a>;

    scalars! {
        serialize_bool: bool => Value::from;
        serialize_i8: i8 => Value::from;
        serialize_i16: i16 => Value::from;
        serialize_i32: i32 => Value::from;
        serialize_i64: i64 => Value::from;
        serialize_u8: u8 => Value::from;
        serialize_u16: u16 => Value::from;
        serialize_u32: u32 => Value::from;
        serialize_u64: u64 => Value::from;
        serialize_f32: f32 => |number: f32| Value::from(widened(number));
        serialize_f64: f64 => Value::from;
        serialize_char: char => |letter: char| Value::from(letter.to_string());
        serialize_str: &str => |text| Value::from(text::cut(text, LONGEST_TEXT + 1));
        // Of bytes, their presence says enough.
        serialize_bytes: &[u8] => |bytes: &[u8]| if bytes.is_empty() { Value::Null } else { Value::from(bytes.len()) };
    }

    fn serialize_none(self) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, Error> {
        self.of_variant(variant);
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        value.serialize(self.of_variant(variant))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, Error> {
        Ok(self.items())
    }

    fn serialize_tuple(self, length: usize) -> Result<Items<'a>, Error> {
        Ok(self.items_of(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items<'a>, Error> {
        Ok(self.items_of(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items<'a>, Error> {
        Ok(self.of_variant(variant).items_of(length))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, Error> {
        Ok(self.fields())
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Struct<'a>, Error> {
        Ok(if name.starts_with(OWN_TYPES) { Struct::Own(Value::Null) } else { Struct::Fields(self.fields()) })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, Error> {
        Ok(self.of_variant(variant).fields())
    }
}

/// The items of a list.
struct Items<'a> {
    picker: Picker<'a>,
    values: Vec<Value>,
    /// Whether the values after a number are numbers too.
    may_be_vector: bool,
}

impl Items<'_> {
    fn add<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Error> {
        if self.values.len() < MOST_ITEMS {
            // Of a vector, the first number and the length say enough.
            let is_of_vector = matches!(self.values.first(), Some(Value::Number(_)));
            let value = if is_of_vector { Value::Null } else { item.serialize(self.picker)? };
            // A number beside a body, such as its status, does not make a vector of the two.
            self.values.push(if self.may_be_vector || !value.is_number() { value } else { Value::Null });
        }
        Ok(())
    }
}

macro_rules! lists {
    ($($trait:ident::$add:ident),*) => {
        $(
            impl $trait for Items<'_> {
                type Ok = Value;
                type Error = Error;

                fn $add<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Error> {
                    self.add(item)
                }

                fn end(self) -> Result<Value, Error> {
                    Ok(Value::Array(self.values))
                }
            }
        )*
    };
}
lists!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

/// The wanted fields of a map or a struct.
struct Fields<'a> {
    picker: Picker<'a>,
    wanted: Map<String, Value>,
    /// The key whose value comes next, if it is wanted.
    key: Option<String>,
}

impl Fields<'_> {
    fn add<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Error> {
        if (self.picker.wants)(key) {
            self.wanted.insert(key.to_owned(), value.serialize(self.picker)?);
        }
        Ok(())
    }
}

impl SerializeMap for Fields<'_> {
    type Ok = Value;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = match key.serialize(self.picker)? {
            Value::String(key) if (self.picker.wants)(&key) => Some(key),
            _ => None,
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if let Some(key) = self.key.take() {
            self.wanted.insert(key, value.serialize(self.picker)?);
        }
        Ok(())
    }

    fn end(self) -> Result<Value, Error> {
        Ok(Value::Object(self.wanted))
    }
}

impl SerializeStructVariant for Fields<'_> {
    type Ok = Value;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.add(key, value)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(Value::Object(self.wanted))
    }
}

/// A struct of the program, or one of `serde_json` that holds JSON text: a number of any precision, or raw text.
enum Struct<'a> {
    Fields(Fields<'a>),
    Own(Value),
}

impl SerializeStruct for Struct<'_> {
    type Ok = Value;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        match self {
            Self::Fields(fields) => fields.add(key, value),
            Self::Own(parsed) => {
                let text = serde_json::to_value(value)?;
                let text = text.as_str().ok_or_else(|| Error::custom("serde_json's own types hold text"))?;
                *parsed = serde_json::from_str(text)?;
                Ok(())
            }
        }
    }

    fn end(self) -> Result<Value, Error> {
        match self {
            Self::Fields(fields) => Ok(Value::Object(fields.wanted)),
            Self::Own(parsed) => Ok(parsed),
        }
    }
}
