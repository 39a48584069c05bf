//! Answers within the length that an agent reads at once.

use serde_json::{Map, Value, json};

/// The longest answer, in bytes.
pub(super) const LONGEST: usize = 8 * 1_024;

/// Room for the count of what is left out.
const MARGIN: usize = 48;

/// A list of an answer.
pub(super) struct List {
    pub(super) name: &'static str,
    pub(super) rows: Vec<Value>,
    /// The most that an agent needs.
    pub(super) most: usize,
    /// Those that the program itself left out.
    pub(super) left_out: u64,
}

impl List {
    /// Makes a list that has as many rows as fit.
    pub(super) fn of(name: &'static str, rows: impl Iterator<Item = Value>) -> Self {
        Self { name, rows: rows.collect(), most: usize::MAX, left_out: 0 }
    }
}

/// Adds as many rows to an answer as fit, and says in `left_out_…` how many are left out.
pub(super) fn add_fitting(answer: &mut Map<String, Value>, rows: List) {
    let List { name, rows, most, left_out } = rows;
    answer.insert(name.to_owned(), json!([]));
    let mut length = Value::Object(answer.clone()).to_string().len() + MARGIN;
    let all = rows.len();
    // One row that is too long does not keep the others out.
    let fits = |row: &Value| {
        let longer = length + row.to_string().len() + 1;
        let fits = longer <= LONGEST;
        length = if fits { longer } else { length };
        fits
    };
    let kept: Vec<_> = rows.into_iter().filter(fits).take(most).collect();
    let left_out = left_out + (all - kept.len()) as u64;
    answer.insert(name.to_owned(), Value::Array(kept));
    if left_out > 0 {
        answer.insert(format!("left_out_{name}"), json!(left_out));
    }
}

/// Cuts a text that a program gave, so that it takes about this many bytes of JSON: a control character takes six.
pub(super) fn cut(text: &str, most: usize) -> String {
    let mut left = most;
    let is_within = |letter: &char| {
        let bytes = json!(letter).to_string().len() - 2;
        let fits = bytes <= left;
        left = if fits { left - bytes } else { 0 };
        fits
    };
    let short: String = text.chars().take_while(is_within).collect();
    if short.len() == text.len() { short } else { short + "…" }
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
    use serde_json::{Map, Value, json};

    use super::{LONGEST, List, add_fitting, cut};

    fn fitted(rows: List) -> Value {
        let mut answer = Map::new();
        add_fitting(&mut answer, rows);
        Value::Object(answer)
    }

    #[test]
    fn rows_beyond_the_longest_answer_are_counted() {
        let rows = vec![json!({ "text": "x".repeat(100) }); 1_000];
        let answer = fitted(List::of("rows", rows.into_iter()));
        let kept = answer["rows"].as_array().expect("a list").len();
        assert!(answer.to_string().len() <= LONGEST && kept > 60);
        assert_eq!(answer["left_out_rows"], json!(1_000 - kept));
        assert_eq!(fitted(List::of("rows", [json!(1)].into_iter())), json!({ "rows": [1] }));
        let long = fitted(List::of("rows", [json!("x".repeat(LONGEST)), json!(1)].into_iter()));
        assert_eq!(long, json!({ "rows": [1], "left_out_rows": 1 }));
        let most = List { most: 2, left_out: 7, ..List::of("rows", (0..5).map(|row| json!(row))) };
        assert_eq!(fitted(most), json!({ "rows": [0, 1], "left_out_rows": 10 }));
    }

    #[test]
    fn a_text_is_cut_by_its_length_in_json() {
        assert_eq!(cut("gpt-4o", 6), "gpt-4o");
        assert_eq!(cut("gpt-4o-mini", 6), "gpt-4o…");
        assert_eq!(cut("ééé", 5), "éé…");
        assert!(json!(cut(&"\u{0}".repeat(500), 80)).to_string().len() <= 85);
    }
}
