//! Paths in a JSON body: `usage.input_tokens`, `choices.[].finish_reason`, `details.[ttl=1h].tokens`.

use serde_json::Value;

/// Calls `found` with each value at a path. A step is a key, `[]` for all items of a list, or `[key=text]` for the items whose
/// `key` has this text. The empty path is the value itself.
pub(super) fn each<'a>(value: &'a Value, path: &str, found: &mut dyn FnMut(&'a Value)) {
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    if step.is_empty() {
        return found(value);
    }
    match step.strip_prefix('[').and_then(|step| step.strip_suffix(']')) {
        None => {
            if let Some(value) = value.get(step) {
                each(value, rest, found);
            }
        }
        Some(filter) => {
            let matches_filter = |item: &&Value| match filter.split_once('=') {
                Some((key, text)) => item.get(key).and_then(Value::as_str) == Some(text),
                None => true,
            };
            value.as_array().into_iter().flatten().filter(matches_filter).for_each(|item| each(item, rest, found));
        }
    }
}

/// Returns the first value at a path.
pub(super) fn first<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let mut first = None;
    each(value, path, &mut |value| {
        first.get_or_insert(value);
    });
    first
}

#[cfg(test)]
mod tests {
    use super::each;
    use serde_json::json;

    #[test]
    fn steps_traverse_objects_and_lists() {
        let body = json!({ "a": [{ "ttl": "5m", "n": 1 }, { "ttl": "1h", "n": 2 }, 7, { "n": 3 }] });
        let at = |path| {
            let mut found = Vec::new();
            each(&body, path, &mut |value| found.push(value.to_string()));
            found.join(" ")
        };
        assert_eq!(at("a.[].n"), "1 2 3");
        assert_eq!(at("a.[ttl=1h].n"), "2");
        assert_eq!(at("a.n"), "");
        assert_eq!(at("a.[].n.deeper"), "");
        assert_eq!(at(""), body.to_string());
    }
}
