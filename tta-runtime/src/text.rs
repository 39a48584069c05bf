//! Text that came from outside, made fit to be recorded.

use std::borrow::Cow;

/// Label values are cut to this number of bytes.
pub(crate) const LONGEST_LABEL: usize = 256;

/// Texts of span attributes are cut to this number of bytes: spans wait in memory, and are counted but not weighed.
pub(crate) const LONGEST_ATTRIBUTE: usize = 8_192;

/// Cuts the text to at most `longest` bytes, at a character boundary.
pub(crate) fn cut(text: &str, longest: usize) -> &str {
    let mut end = text.len().min(longest);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Cuts the text and replaces control characters by spaces; most texts need neither.
pub(crate) fn clean(text: &str, longest: usize) -> Cow<'_, str> {
    let cut = cut(text, longest);
    if cut.contains(char::is_control) { Cow::Owned(cut.replace(char::is_control, " ")) } else { Cow::Borrowed(cut) }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn text_is_cut_at_a_character_and_has_no_control_characters() {
        assert_eq!(clean("a\nbé", 4), "a b");
    }
}
