//! The text formats, cut so that a strict parser reads them.

use std::collections::BTreeMap;

/// Cuts a text into documents in which all samples of a metric have labels of the same names.
///
/// Annotated functions may have labels of their own, which Prometheus takes as it is; the parser does not.
pub(crate) fn documents(text: &str) -> Vec<String> {
    let mut documents = BTreeMap::new();
    let (mut family, mut header) = (0, String::new());
    let mut previous_was_comment = false;
    // It also takes no unit of a histogram, where the format forbids them for `info` and `stateset` alone.
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

/// Returns the names of a sample's labels, besides those that the format itself adds.
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
