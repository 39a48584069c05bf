//! Texts of a program as a terminal may show them: none of their characters steers it.

use serde_json::Value;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The most marks that stand on one letter: more of them would run into the lines above and below.
const MOST_MARKS: usize = 2;

/// Returns a text in which each character is one that a terminal draws, and draws in its place.
///
/// Control characters become their pictures (`␛`), and those that turn the direction of a text or cannot be seen become `␦`.
pub(super) fn screen_text(text: &str) -> String {
    let mut marks = 0;
    let drawn = text.chars().filter_map(|character| {
        let shown = shown(character)?;
        marks = if shown.width() == Some(0) { marks + 1 } else { 0 };
        (marks <= MOST_MARKS).then_some(shown)
    });
    drawn.collect()
}

/// Applies [`screen_text`] to each text of an answer, and to each name of a field.
pub(super) fn screen_texts(answer: Value) -> Value {
    match answer {
        Value::String(text) => Value::String(screen_text(&text)),
        Value::Array(values) => values.into_iter().map(screen_texts).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (screen_text(&name), screen_texts(value))).collect()
        }
        number => number,
    }
}

/// Returns the beginning of a text that takes at most this many columns, with `…` at its end if more follows.
pub(super) fn within(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let fits = |character: &char| {
        let width = character.width().unwrap_or(0);
        let fits = width <= left;
        left = if fits { left - width } else { 0 };
        fits
    };
    let short: String = text.chars().take_while(fits).collect();
    if columns == 0 { String::new() } else { short + "…" }
}

fn shown(character: char) -> Option<char> {
    match character {
        // The pictures of control characters stand in their order.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)),
        '\u{7f}' => Some('␡'),
        // They choose between drawings of the letter before, on whose widths terminals disagree.
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => None,
        unseen if is_unseen(unseen) => Some('␦'),
        drawn => Some(drawn),
    }
}

/// Returns whether a character is a control character or of Unicode's categories Cf, Zl and Zp: it shows nothing itself.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{screen_text, screen_texts, within};

    #[test]
    fn what_steers_a_terminal_is_shown_as_text() {
        for (text, shown) in [
            ("plan", "plan"),
            ("\u{1b}[2J\u{1b}]0;owned\u{7}", "␛[2J␛]0;owned␇"),
            ("a\r\nb\tc\u{7f}", "a␍␊b␉c␡"),
            ("\u{9b}31m\u{90}q", "␦31m␦q"),
            ("user\u{202e}txt.exe\u{2066}", "user␦txt.exe␦"),
            ("zero\u{200b}width\u{feff}", "zero␦width␦"),
            ("שלום 日本 é", "שלום 日本 é"),
            ("e\u{301}\u{302}\u{303}\u{304}x", "e\u{301}\u{302}x"),
            ("❤\u{fe0f}", "❤"),
        ] {
            assert_eq!(screen_text(text), shown, "{text:?}");
        }
        let answer = json!({ "a\u{1b}": [{ "b": "\u{1b}c" }, 1, null] });
        assert_eq!(screen_texts(answer), json!({ "a␛": [{ "b": "␛c" }, 1, null] }));
    }

    #[test]
    fn every_character_is_drawn_in_its_place_or_replaced() {
        for character in '\0'..=char::MAX {
            let shown = screen_text(&character.to_string());
            let is_plain = |one: char| !one.is_control() && !('\u{202a}'..='\u{202e}').contains(&one);
            assert!(shown.chars().all(is_plain), "{character:?}");
        }
    }

    #[test]
    fn a_text_is_cut_by_its_columns() {
        assert_eq!(within("answer", 6), "answer");
        assert_eq!(within("answer", 5), "answ…");
        assert_eq!(within("日本語", 5), "日本…");
        assert_eq!(within("日本語", 4), "日…");
        assert_eq!((within("日本語", 1), within("日本語", 0)), ("…".to_owned(), String::new()));
    }
}
