//! An attribute of spans, events or the resource, as a row of a table.

/// The type of an attribute's value.
///
/// Texts are not named as OpenTelemetry's conventions do: beside another public `String`, the compiler writes `std::string::String` for
/// the type in all messages to the users of this library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttributeType {
    /// A text.
    Text,
    /// A whole number of 64 bits.
    Int,
    /// A number.
    Double,
    /// True or false.
    Boolean,
    /// Several texts.
    Texts,
    /// Any structure; on spans it is a text in JSON.
    Any,
}

impl AttributeType {
    /// Returns the type in the notation of weaver's registries, such as `string[]`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Int => "int",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Texts => "string[]",
            Self::Any => "any",
        }
    }
}

/// An attribute that the library sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute {
    /// The key.
    pub name: &'static str,
    /// The calls, events or metrics that have it, separated by commas or semicolons.
    pub of: &'static str,
    /// The type of its value.
    pub kind: AttributeType,
    /// The requirement level of OpenTelemetry's conventions, or `not in them`.
    pub level: &'static str,
    /// Where the value comes from.
    pub source: &'static str,
}

pub(super) const fn row(
    name: &'static str,
    of: &'static str,
    kind: AttributeType,
    level: &'static str,
    source: &'static str,
) -> Attribute {
    Attribute { name, of, kind, level, source }
}
