//! The errors of the page's API.

use serde::Serialize;

/// A request that cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    /// For programs.
    pub(crate) code: &'static str,
    /// A sentence for people.
    pub(crate) message: String,
}

#[derive(Serialize)]
struct Body<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    code: &'a str,
    message: &'a str,
}

impl Problem {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// Reports a parameter without a value of its kind; `expected` completes the sentence "`name` is not …".
    pub(super) fn bad_query(name: &str, expected: &str) -> Self {
        Self::new(400, "bad_query", format!("`{name}` is not {expected}."))
    }

    pub(super) fn unknown_trace() -> Self {
        Self::new(404, "unknown_trace", "This trace is not kept, or no longer.")
    }

    pub(super) fn unknown_path() -> Self {
        let paths = "overview, series, map, traces, models, what-if, budgets, objectives, savings, blocks and library";
        Self::new(404, "unknown_path", format!("There is no such path. Below /api/v1/ there are {paths}."))
    }

    /// Returns the error as JSON.
    pub(crate) fn body(&self) -> Vec<u8> {
        let error = Error { code: self.code, message: &self.message };
        serde_json::to_vec(&Body { error }).unwrap_or_default()
    }
}
