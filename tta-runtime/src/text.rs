//! Truncation and sanitizing of text from outside.

use std::borrow::Cow;

/// The longest label value, in bytes.
pub(crate) const LONGEST_LABEL: usize = 256;

/// Truncates the text to at most `longest` bytes, at a character boundary.
pub(crate) fn cut(text: &str, longest: usize) -> &str {
    let mut end = text.len().min(longest);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Truncates the text and replaces control characters with spaces; borrows text that needs no replacement.
pub(crate) fn clean(text: &str, longest: usize) -> Cow<'_, str> {
    let cut = cut(text, longest);
    if cut.contains(char::is_control) { Cow::Owned(cut.replace(char::is_control, " ")) } else { Cow::Borrowed(cut) }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn text_is_truncated_at_a_character_and_has_no_control_characters() {
        assert_eq!(clean("a\nbé", 4), "a b");
    }
}
