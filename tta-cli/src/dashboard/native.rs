//! The variant of a dashboard's file whose queries read native histograms where they are there.

use serde_json::Value;

use super::query::WINDOWS;
use crate::promql::native::prefer_native;

/// Rewrites all queries of the file.
pub(super) fn rewrite(file: &mut Value) {
    match file {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(query) if name == "expr" => *query = rewritten(query),
                    field => rewrite(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(rewrite),
        _ => {}
    }
}

fn rewritten(query: &str) -> String {
    let parsable = WINDOWS.iter().fold(query.to_owned(), |text, (window, span)| text.replace(window, span));
    let text = prefer_native(&parsable).unwrap_or_else(|error| panic!("{query}: {error}"));
    WINDOWS.iter().fold(text, |text, (window, span)| text.replace(span, window))
}
