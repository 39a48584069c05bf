//! The text formats, split so that a strict parser accepts them.

use std::collections::BTreeMap;

/// Splits a text into documents in which all samples of a metric have the same label names.
///
/// Annotated functions may have labels of their own. Prometheus accepts that; the parser does not.
pub(crate) fn documents(text: &str) -> Vec<String> {
    let mut documents = BTreeMap::new();
    let (mut family, mut header) = (0, String::new());
    let mut previous_was_comment = false;
    // The parser also rejects a unit of a histogram, which the format forbids only for `info` and `stateset`.
    for line in text.lines().filter(|line| *line != "# EOF" && !line.starts_with("# UNIT ")) {
        if line.starts_with('#') {
            if !previous_was_comment {
                family += 1;
                header.clear();
            }
            header.extend([line, "\n"]);
        } else {
            let document: &mut String = documents.entry((family, names(line))).or_insert_with(|| header.clone());
            document.extend([line, "\n"]);
        }
        previous_was_comment = line.starts_with('#');
    }
    documents.into_values().collect()
}

/// Returns the label names of a sample, except those that the format adds.
fn names(line: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut name, mut quoted, mut escaped) = (String::new(), false, false);
    let Some((_, labels)) = line.split_once('{') else { return names };
    for character in labels.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '=' => names.push(std::mem::take(&mut name)),
            ',' => {}
            '}' => break,
            other => name.push(other),
        }
    }
    names.retain(|name| name != "le");
    names
}
