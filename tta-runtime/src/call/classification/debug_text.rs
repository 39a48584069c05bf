//! Timeouts by the `Debug` text of an error.
//!
//! The text is parsed as what `#[derive(Debug)]` writes, from its start. Text inside quotes, lists and fields other than the
//! source is never taken for a timeout.

use std::error::Error;
use std::fmt::Write;

/// The most bytes of a text that are read.
const ENOUGH: usize = 4_096;

/// The most wrappers around an error that are looked into.
const MOST_WRAPPERS: usize = 8;

/// The whole texts of errors that are timeouts.
const TIMEOUTS: &[&str] = &[
    // `tta_runtime`, `reqwest`, `hyper`, `bb8`
    "TimedOut",
    // `tokio`, `tower`
    "Elapsed(())",
    // `tonic`
    "TimeoutExpired(())",
    // `sqlx`
    "PoolTimedOut",
    // `hyper`
    "HeaderTimeout",
    // `async-std`
    "TimeoutError { _private: () }",
];

/// How texts of errors begin that are timeouts.
const TIMEOUT_STARTS: &[&str] = &[
    // `tonic`
    "Status { code: DeadlineExceeded, ",
    // `std::io`
    "Custom { kind: TimedOut, ",
    "Error { kind: TimedOut, ",
];

/// Returns at least the start of an error's `Debug` text.
pub(super) fn debug_text(error: &(dyn Error + '_)) -> String {
    struct Start(String);
    impl Write for Start {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.push_str(text);
            if self.0.len() < ENOUGH { Ok(()) } else { Err(std::fmt::Error) }
        }
    }
    let mut start = Start(String::new());
    let _ = write!(start, "{error:?}");
    start.0
}

/// Returns whether an error with this text is a timeout, or wraps one.
pub(super) fn shows_timeout(text: &str) -> bool {
    any_layer(text, |layer| {
        let is_os = || layer.starts_with("Os { code: ") && field(layer, "kind") == Some("TimedOut");
        TIMEOUTS.contains(&layer) || TIMEOUT_STARTS.iter().any(|start| layer.starts_with(start)) || is_os()
    })
}

/// Returns whether an error with this text is an `io::Error` of the kind `WouldBlock`.
pub(super) fn shows_would_block(text: &str) -> bool {
    text == "Kind(WouldBlock)" || (text.starts_with("Os { code: ") && field(text, "kind") == Some("WouldBlock"))
}

/// Returns whether the text or that of an error that it wraps fits.
fn any_layer(text: &str, fits: impl Fn(&str) -> bool) -> bool {
    std::iter::successors(Some(text), |text| wrapped(text)).take(MOST_WRAPPERS).any(fits)
}

/// Returns the text of the error that another one wraps: the only value of a tuple, such as the variant of an enum, or the
/// source of a struct.
fn wrapped(text: &str) -> Option<&str> {
    let (name, rest) = text.split_at(text.find(|letter: char| !(letter.is_alphanumeric() || "_:".contains(letter)))?);
    if name.is_empty() {
        return None;
    }
    match rest.strip_prefix('(') {
        Some(values) => {
            let values = parts(values.strip_suffix(')')?);
            // `hyper` writes the kind before the cause.
            match values.as_slice() {
                [value] => Some(value),
                [_, cause] if name.ends_with("::Error") => Some(cause),
                _ => None,
            }
        }
        None => ["source", "error"].iter().find_map(|key| field(text, key)),
    }
}

/// Returns the value of a field of a struct.
fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let (_, fields) = text.split_once(" { ")?;
    // A text that was cut has no end.
    let fields = fields.strip_suffix(" }").unwrap_or(fields);
    parts(fields).into_iter().find_map(|part| part.strip_prefix(key)?.strip_prefix(": "))
}

/// Splits a text at the commas that stand in no quotes and in no brackets.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    let (mut quoted, mut escaped) = (false, false);
    for (index, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.extend(text.get(start..index));
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts.into_iter().map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::shows_timeout;

    #[test]
    fn a_text_is_a_timeout_by_its_structure() {
        let timeouts = [
            "TimedOut",
            "Elapsed(())",
            "Kind(TimedOut)",
            "Os { code: 110, kind: TimedOut, message: \"Connection timed out\" }",
            "Custom { kind: Other, error: Elapsed(()) }",
            "Custom { kind: TimedOut, error: \"late\" }",
            "Status { code: DeadlineExceeded, message: \"(late, {\", source: None }",
            "Call(Grpc(Status { code: DeadlineExceeded, source: None }))",
            "reqwest::Error { kind: Request, url: \"http://a/?q=\\\"(,\", source: TimedOut }",
            "Http(reqwest::Error { kind: Body, source: TimedOut })",
            "hyper::Error(HeaderTimeout)",
            "hyper::Error(Http2, TimedOut)",
            "Pool(PoolTimedOut)",
        ];
        for text in timeouts {
            assert!(shows_timeout(text), "{text}");
        }
        let others = [
            "",
            "\"TimedOut\"",
            "Custom { kind: Other, error: \"TimedOut\" }",
            "Custom { kind: Other, error: \"kind: TimedOut, \" }",
            "Os { code: 2, kind: NotFound, message: \"kind: TimedOut, \" }",
            "AllFailed([TimedOut])",
            "Both(NotFound, TimedOut)",
            "AllFailed { before: [TimedOut], last: NotFound }",
            "Refused { reason: TimedOut }",
            "Status { code: NotFound, message: \"code: DeadlineExceeded, \", source: None }",
            "TimedOutTwice",
            "(TimedOut)",
            "Http(reqwest::Error { kind: Request, url: \"source: TimedOut }\" })",
        ];
        for text in others {
            assert!(!shows_timeout(text), "{text}");
        }
    }
}
