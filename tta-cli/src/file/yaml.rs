//! Writes YAML in the style of Prometheus' own files: quotes only where needed, long queries as blocks.

use std::fmt::Write as _;

/// The first line of each generated file.
pub(crate) const HEADER: &str = "# Written by `tta generate`; change the rows in tta-cli, not this file.\n";

/// Returns `text` as a YAML scalar on one line.
pub(crate) fn scalar(text: &str) -> String {
    let is_word = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || " _:./-".contains(c))
        && !text.contains(": ")
        && !text.ends_with([' ', ':'])
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_lowercase().as_str());
    let is_span = text
        .strip_suffix(['s', 'm', 'h', 'd'])
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()));
    if is_word || is_span { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

/// Appends `key: text` to a file, as a block if the text has several lines.
pub(crate) fn entry(file: &mut String, indent: usize, key: &str, text: &str) {
    let _ = if text.contains('\n') {
        // YAML infers a block's indentation from its first line; if that line has spaces of its own, the depth must be given.
        let depth = if text.starts_with(' ') { "2" } else { "" };
        writeln!(file, "{:indent$}{key}: |{depth}-", "")
            .and_then(|()| text.lines().try_for_each(|line| writeln!(file, "{:indent$}  {line}", "")))
    } else {
        writeln!(file, "{:indent$}{key}: {}", "", scalar(text))
    };
}

/// Appends a comment to a file, in lines of at most 120 characters.
pub(crate) fn comment(file: &mut String, indent: usize, text: &str) {
    let mut line = format!("{:indent$}#", "");
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > 120 {
            let _ = writeln!(file, "{line}");
            line = format!("{:indent$}#", "");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(file, "{line}");
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn only_what_needs_quotes_has_them() {
        let texts = ["tta:rate_5m", "30s", "s", "1", "a: b", "on", "it's \"\\\" 5 %", "{{ $value }}", "up", ""];
        expect![[r#"
            tta:rate_5m
            30s
            s
            '1'
            'a: b'
            'on'
            'it''s "\" 5 %'
            '{{ $value }}'
            up
            ''"#]]
        .assert_eq(&texts.map(scalar).join("\n"));
    }

    #[test]
    fn several_lines_are_a_block() {
        let mut file = "rules:\n".to_owned();
        entry(&mut file, 2, "expr", "a\n/\n  b");
        entry(&mut file, 2, "expr", "  a\n/\n  b");
        comment(&mut file, 2, "Why.");
        expect![[r#"
            rules:
              expr: |-
                a
                /
                  b
              expr: |2-
                  a
                /
                  b
              # Why.
        "#]]
        .assert_eq(&file);
    }
}
