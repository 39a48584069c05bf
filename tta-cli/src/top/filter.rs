//! The filter of traces as it is typed.

/// The parameters of the API that a filter may name.
pub(super) const NAMES: [&str; 9] =
    ["outcome", "workflow", "model", "primitive", "min_cost", "max_cost", "min_seconds", "max_seconds", TEXT];

const TEXT: &str = "text";

/// Splits a filter into parameters of the API: words such as `outcome=timeout`, and the text that is looked for. Spaces between quotes
/// are part of a word.
pub(super) fn parameters(filter: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut texts = Vec::new();
    let mut rest = filter.trim_start();
    while !rest.is_empty() {
        let name = NAMES.into_iter().find(|name| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')));
        let (value, behind) = word(name.map_or(rest, |name| &rest[name.len() + 1..]));
        match name {
            Some(name) if name != TEXT => parameters.push((name.to_owned(), value)),
            _ => texts.push(value),
        }
        rest = behind.trim_start();
    }
    if !texts.is_empty() {
        parameters.push((TEXT.to_owned(), texts.join(" ")));
    }
    parameters
}

/// Returns the word at the start of a text, and what is behind it. Between quotes, `\"` is a quote and `\\` a backslash; quotes that are
/// not closed yet last until the end.
fn word(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut word = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' if letters.as_str().starts_with(['"', '\\']) => word.extend(letters.next()),
            other => word.push(other),
        }
    }
    (word, letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[track_caller]
    fn check(filter: &str, expected: &[(&str, &str)]) {
        let found = parameters(filter);
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, expected, "{filter}");
    }

    #[test]
    fn words_that_name_a_parameter_are_one_and_the_others_are_the_text() {
        check("  ", &[]);
        check("rate limit", &[("text", "rate limit")]);
        check(
            "outcome=timeout a=b min_cost=0.01 slow",
            &[("outcome", "timeout"), ("min_cost", "0.01"), ("text", "a=b slow")],
        );
    }

    #[test]
    fn the_text_may_look_like_a_parameter() {
        check("text=outcome=timeout", &[("text", "outcome=timeout")]);
        check(r#""outcome=timeout" model=gpt-4o"#, &[("model", "gpt-4o"), ("text", "outcome=timeout")]);
        check("text=rate limit", &[("text", "rate limit")]);
    }

    #[test]
    fn quotes_keep_spaces_in_a_value() {
        check(
            r#"workflow="answer  a question" "rate  limit""#,
            &[("workflow", "answer  a question"), ("text", "rate  limit")],
        );
        check(r#"text="say \"no\" to C:\temp\\""#, &[("text", r#"say "no" to C:\temp\"#)]);
        check(r#"workflow="still typ"#, &[("workflow", "still typ")]);
        check(r#"a 5" disk"#, &[("text", r#"a 5" disk"#)]);
        check(r#"workflow="a"b"#, &[("workflow", "a"), ("text", "b")]);
    }
}
