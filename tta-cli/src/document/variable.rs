//! Replaces Grafana's variables in a query, so that the PromQL parser accepts it.

/// Replaces the variables of a query by literals: a duration in `[…]` and after `offset`, a word within quotes, 1 elsewhere.
pub(super) fn replace_variables(query: &str) -> String {
    let mut text = String::with_capacity(query.len());
    let mut rest = query;
    let mut quote: Option<char> = None;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = variable(rest) {
            let in_range = text.rfind('[') > text.rfind(']') || text.trim_end().ends_with("offset");
            text.push_str(match quote {
                Some(_) => "x",
                None if in_range => "5m",
                None => "1",
            });
            rest = &rest[length..];
            continue;
        }
        match quote {
            None if "\"'`".contains(first) => quote = Some(first),
            Some(open) if open == first && !text.ends_with('\\') => quote = None,
            _ => {}
        }
        text.push(first);
        rest = &rest[first.len_utf8()..];
    }
    text
}

/// Returns the length of the variable at the start of `text`: `$name`, `${name:format}` or `[[name]]`.
fn variable(text: &str) -> Option<usize> {
    if let Some(inner) = text.strip_prefix("${") {
        return Some(inner.find('}')? + 3);
    }
    if let Some(inner) = text.strip_prefix("[[") {
        return Some(inner.find("]]")? + 4);
    }
    let name = text.strip_prefix('$')?;
    let length = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    // `$1` within quotes is a capture group of a regular expression.
    (length > 0 && !name.starts_with(|c: char| c.is_ascii_digit())).then_some(length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_become_what_keeps_the_query_a_query() {
        for (query, expected) in [
            ("rate(a{job=~\"$job\"}[$__rate_interval])", "rate(a{job=~\"x\"}[5m])"),
            ("topk($n, a) * ${__range_s}", "topk(1, a) * 1"),
            ("a{b=\"${c:regex}\"} offset $gap", "a{b=\"x\"} offset 5m"),
            ("max_over_time(a[1h:$__interval])", "max_over_time(a[1h:5m])"),
            ("a{b='[[c]]'}", "a{b='x'}"),
            ("label_replace(a, \"b\", \"$1\", \"c\", \"(.*)\")", "label_replace(a, \"b\", \"$1\", \"c\", \"(.*)\")"),
        ] {
            assert_eq!(replace_variables(query), expected);
        }
    }
}
