//! Reads the committed dashboards.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::run::root;

/// Returns the dashboards of a folder by file name.
pub(super) fn files(folder: &str) -> BTreeMap<String, Value> {
    let folder = root().join("grafana").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let name = path.file_stem().and_then(|name| name.to_str()).expect("it is text").to_owned();
        (name, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    };
    entries.map(|entry| read(entry.expect("it can be listed").path())).collect()
}

/// Returns the array at a JSON pointer, empty if there is none.
pub(super) fn list<'a>(value: &'a Value, place: &str) -> &'a [Value] {
    value.pointer(place).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns the string at a JSON pointer, empty if there is none.
pub(super) fn text<'a>(value: &'a Value, place: &str) -> &'a str {
    value.pointer(place).and_then(Value::as_str).unwrap_or_default()
}
