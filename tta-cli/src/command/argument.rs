//! Values of arguments that several commands have.

/// Reads a name.
pub(super) fn not_empty(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err("a name has at least one character") } else { Ok(text.to_owned()) }
}
