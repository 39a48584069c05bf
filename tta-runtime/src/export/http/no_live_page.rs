//! No live page: the program is built without the feature `page`.

use std::future::Ready;

use http::HeaderMap;
use http::request::Parts;

use super::answer::Answer;
use super::guard::Refusal;

/// The page of a server, which does not exist.
#[derive(Debug)]
pub(super) enum LivePage {}

impl LivePage {
    pub(super) fn shell(_: &HeaderMap) -> Answer {
        Answer::default()
    }

    pub(super) fn data(&self, _: &Parts) -> Ready<Answer> {
        match *self {}
    }
}

/// Returns `None`: data is refused as everything else is.
pub(super) fn refuse(_: Refusal) -> Option<Answer> {
    None
}
