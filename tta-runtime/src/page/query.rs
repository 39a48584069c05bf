//! The parameters of a request to the page's API.

use std::borrow::Cow;
use std::str::FromStr;

use super::problem::Problem;

/// The parameters after the question mark; of several with the same name, the first counts.
pub(super) struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).collect())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(have, _)| have == name).map(|(_, value)| &**value)
    }

    /// Returns an amount or a duration of 0 or more.
    pub(super) fn number(&self, name: &str) -> Result<Option<f64>, Problem> {
        self.parsed(name, "a number of 0 or more", |number: &f64| number.is_finite() && *number >= 0.0)
    }

    /// Returns a count from 1 to `most`, or the default.
    pub(super) fn count(&self, name: &str, default: usize, most: usize) -> Result<usize, Problem> {
        let expected = format!("a whole number from 1 to {most}");
        Ok(self.parsed(name, &expected, |count: &usize| (1..=most).contains(count))?.unwrap_or(default))
    }

    /// Returns one of several words.
    pub(super) fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| Some(*value));
        found.ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            Problem::bad_query(name, &format!("one of {}", words.join(", ")))
        })
    }

    fn parsed<T: FromStr>(
        &self,
        name: &str,
        expected: &str,
        is_valid: impl Fn(&T) -> bool,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let parsed = text.trim().parse().ok().filter(is_valid);
        parsed.map(Some).ok_or_else(|| Problem::bad_query(name, expected))
    }
}
