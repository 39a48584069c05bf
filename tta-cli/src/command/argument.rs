//! Parsers of arguments that several commands share.

/// Parses a name, which must not be blank.
pub(super) fn not_empty(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err("a name has at least one character") } else { Ok(text.to_owned()) }
}
