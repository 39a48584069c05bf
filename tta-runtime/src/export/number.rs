//! Numbers and labels in the notation that both text formats share.

use std::borrow::Cow;
use std::fmt::Write;

/// Writes a number with as many digits as parsing it back requires.
pub(super) fn write_number(out: &mut String, number: f64) {
    // Writing to a `String` cannot fail.
    let _ = if number == f64::INFINITY {
        write!(out, "+Inf")
    } else if number == f64::NEG_INFINITY {
        write!(out, "-Inf")
    } else if number.is_nan() {
        write!(out, "NaN")
    } else {
        write!(out, "{number}")
    };
}

/// Writes `{a="b",…}`, or nothing if there are no labels.
pub(super) fn write_labels(
    out: &mut String,
    labels: &[(Cow<'static, str>, Cow<'static, str>)],
    last: Option<(&str, &str)>,
) {
    let labels = labels.iter().map(|(name, value)| (&**name, &**value)).chain(last);
    let mut open = '{';
    for (name, value) in labels {
        out.push(open);
        open = ',';
        out.push_str(name);
        out.push_str("=\"");
        write_escaped(out, value, true);
        out.push('"');
    }
    if open == ',' {
        out.push('}');
    }
}

/// Writes text with backslashes and line breaks escaped, and double quotes if `quotes` is true.
pub(super) fn write_escaped(out: &mut String, text: &str, quotes: bool) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            _ => out.push(character),
        }
    }
}

/// Returns a bucket's bound as the value of the label `le`.
pub(super) fn bound(bound: f64) -> String {
    let mut text = String::new();
    write_number(&mut text, bound);
    text
}
