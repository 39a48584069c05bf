//! Answers within the length that an agent reads at once.

use serde_json::{Map, Value, json};

/// The longest answer, in bytes.
pub(super) const LONGEST: usize = 8 * 1_024;

/// Room for the count of what is left out.
const MARGIN: usize = 48;

/// Adds as many rows to an answer as fit, and says how many are left out.
pub(super) fn fitted(answer: Map<String, Value>, name: &str, rows: Vec<Value>) -> Value {
    let mut answer = answer;
    answer.insert(name.to_owned(), json!([]));
    let mut length = Value::Object(answer.clone()).to_string().len() + MARGIN;
    let all = rows.len();
    let fits = |row: &Value| {
        length += row.to_string().len() + 1;
        length <= LONGEST
    };
    let kept: Vec<_> = rows.into_iter().take_while(fits).collect();
    let left_out = all - kept.len();
    answer.insert(name.to_owned(), Value::Array(kept));
    if left_out > 0 {
        answer.insert(format!("left_out_{name}"), json!(left_out));
    }
    Value::Object(answer)
}

/// Cuts a text that a program gave.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", &text[..end])
}

/// Returns an amount of the API in US dollars, `null` if it is not known.
pub(super) fn usd(nanos: &Value) -> Value {
    nanos.as_str().and_then(|nanos| nanos.parse::<u64>().ok()).map_or(Value::Null, |nanos| json!(nanos as f64 / 1e9))
}

/// Returns a number that the API writes in decimal digits.
pub(super) fn whole(digits: &Value) -> Value {
    digits.as_str().and_then(|digits| digits.parse::<u64>().ok()).map_or(Value::Null, |number| json!(number))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::{LONGEST, fitted};

    #[test]
    fn rows_beyond_the_longest_answer_are_counted() {
        let rows = vec![json!({ "text": "x".repeat(100) }); 1_000];
        let answer = fitted(Map::new(), "rows", rows);
        let kept = answer["rows"].as_array().expect("a list").len();
        assert!(answer.to_string().len() <= LONGEST && kept > 60);
        assert_eq!(answer["left_out_rows"], json!(1_000 - kept));
        assert_eq!(fitted(Map::new(), "rows", vec![json!(1)]), json!({ "rows": [1] }));
    }
}
