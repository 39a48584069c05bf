//! Numbers and texts in the notation that both text formats share.

use std::fmt::Write;

/// Writes a number with as many digits as parsing it back requires.
pub(super) fn write_number(out: &mut String, number: f64) {
    /// Below it, every whole number has a value of its own.
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    let whole = number as u64;
    if whole < EXACT && (whole as f64).to_bits() == number.to_bits() {
        return write_count(out, whole);
    }
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

/// Writes a whole number.
pub(super) fn write_count(out: &mut String, n: u64) {
    out.push_str(itoa::Buffer::new().format(n));
}

/// Writes text with backslashes and line breaks escaped, and double quotes if `quotes` is true.
pub(super) fn write_escaped(out: &mut String, text: &str, quotes: bool) {
    // Without a way out of the loop, many bytes are compared at once, and most texts have nothing to escape.
    if !text.bytes().fold(false, |found, byte| found | matches!(byte, b'\\' | b'\n' | b'"')) {
        return out.push_str(text);
    }
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::write_number;

    fn written(number: f64) -> String {
        let mut text = String::new();
        write_number(&mut text, number);
        text
    }

    #[test]
    fn whole_numbers_read_as_other_numbers_do() {
        let numbers =
            [0.0, -0.0, 1.0, -1.0, 9_007_199_254_740_992.0, 9_007_199_254_740_994.0, 1e21, 0.1, f64::INFINITY];
        let expected =
            ["0", "-0", "1", "-1", "9007199254740992", "9007199254740994", "1000000000000000000000", "0.1", "+Inf"];
        assert_eq!(numbers.map(written), expected);
        assert_eq!([f64::NEG_INFINITY, f64::NAN].map(written), ["-Inf", "NaN"]);
    }

    proptest! {
        #[test]
        fn a_number_is_read_back_exactly(number in proptest::num::f64::NORMAL | proptest::num::f64::ZERO) {
            prop_assert_eq!(written(number).parse::<f64>().map(f64::to_bits), Ok(number.to_bits()));
            prop_assert_eq!(written(number.trunc()), number.trunc().to_string());
        }
    }
}
