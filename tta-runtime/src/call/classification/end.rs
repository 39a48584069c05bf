//! How a call ended: the outcome, with the error or the usage that goes with it.

use std::error::Error;
use std::fmt::Display;
use std::ops::Deref;

use super::closures::catch_panic;
use super::dyn_error::DynError;
use super::error_name::short_name;
use super::passed_on::{PassedOn, PassesOn};
use super::timeout::{causes, is_timeout};
use crate::model::Usage;
use crate::outcome::Outcome;

/// How a call ended; a success until something else is reported.
#[derive(Debug)]
pub struct CallEnd {
    pub(crate) outcome: Outcome,
    /// The label `error_type`, if the author gives one.
    pub(crate) error_type: Option<&'static str>,
    /// The name of the error's Rust type, empty without an error.
    pub(crate) error_name: fn() -> String,
    pub(crate) message: Option<String>,
    /// The messages of the errors that caused this one.
    pub(crate) causes: Vec<String>,
    /// False if the call has no span, so that no error is formatted in vain.
    wants_message: bool,
    pub(crate) usage: Option<Usage>,
    /// The outcome before this output: a success, or that of an earlier item of a stream.
    before: Outcome,
    /// The progress of a stream towards its first content.
    pub(crate) content: Content,
}

/// The progress of a stream towards its first content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// This item is content, for all that is known.
    Found,
    /// This item is none: a start or a ping.
    Missing,
    /// An earlier item was content; later ones are not looked at.
    Seen,
}

impl CallEnd {
    /// Creates a success; `wants_message` is true if the call's span is recorded.
    pub(crate) fn new(wants_message: bool) -> Self {
        Self {
            outcome: Outcome::Success,
            error_type: None,
            error_name: String::new,
            message: None,
            causes: Vec::new(),
            wants_message,
            usage: None,
            before: Outcome::Success,
            content: Content::Found,
        }
    }

    /// Creates the end of a call without an output: cancelled, panicked or timed out.
    pub(crate) fn without_output(outcome: Outcome) -> Self {
        Self { outcome, ..Self::new(false) }
    }

    /// Returns whether the end owns nothing.
    #[inline]
    pub(crate) fn is_bare(&self) -> bool {
        self.message.is_none() && self.causes.capacity() == 0 && self.usage.is_none()
    }

    /// Turns a success into a failure if `ok` is false.
    pub fn ok_if(&mut self, ok: bool) {
        if !ok && self.outcome == Outcome::Success {
            self.outcome = Outcome::Failure;
            self.error_type = Some("not_ok");
        }
    }

    /// Turns a failure into a timeout if `timeout_if` holds.
    pub fn timeout_if(&mut self, is_timeout: bool) {
        if is_timeout {
            self.outcome = Outcome::Timeout;
        }
    }

    /// Replaces the outcome that the output's type says; `None` leaves it unchanged.
    ///
    /// In a stream, a bad outcome of an earlier item stays, as that of an `Err` does.
    pub fn outcome(&mut self, outcome: Option<Outcome>) {
        match outcome {
            Some(Outcome::Success) => {
                self.outcome = self.before;
                if !self.outcome.is_bad() {
                    *self = Self { usage: self.usage.take(), content: self.content, ..Self::new(self.wants_message) };
                }
            }
            Some(outcome) => {
                self.outcome = outcome;
                if outcome == Outcome::Failure && (self.error_name)().is_empty() {
                    self.error_type = Some("not_ok");
                }
            }
            None => {}
        }
        self.before = self.outcome;
    }

    /// Reads whether an item of a stream is content, until one was.
    pub fn content(&mut self, is_content: impl FnOnce() -> bool) {
        if self.content != Content::Seen {
            self.content = if is_content() { Content::Found } else { Content::Missing };
        }
    }

    /// Sets the label `error_type`; `None` leaves it unchanged.
    pub fn error_type(&mut self, error_type: Option<&'static str>) {
        if error_type.is_some() {
            self.error_type = error_type;
        }
    }

    /// Sets the tokens that the call used; `None` leaves them unchanged.
    pub fn usage(&mut self, usage: Option<Usage>) {
        if usage.is_some() {
            self.usage = usage;
        }
    }

    /// Ends the call with an error of type `E`: a timeout if it or one of its causes is one, a failure otherwise.
    pub(super) fn fail_with_causes<E>(&mut self, error: &(dyn Error + '_)) {
        self.fail::<E>(Some(&error));
        self.read_causes(error);
    }

    /// Ends the call with a failure of type `E`.
    pub(super) fn fail<E>(&mut self, message: Option<&dyn Display>) {
        self.outcome = Outcome::Failure;
        self.set_name::<E>();
        if self.wants_message {
            self.message = message.and_then(text);
        }
    }

    /// Sets the type of the error.
    pub(super) fn set_name<E>(&mut self) {
        self.error_name = short_name::<E>;
    }

    /// Ends the call with an error that passes another one on, which `read` reads.
    pub(super) fn fail_around<T, E: PassesOn>(
        &mut self,
        result: &Result<T, E>,
        display: Option<fn(&E) -> &dyn Display>,
        read: impl FnOnce(&mut Self, &E::Inner),
    ) {
        if let Err(error) = result {
            self.fail::<E>(display.map(|display| display(error)));
            self.read_around(error, read);
        }
    }

    /// Reads the reason for an error that passes another one on.
    pub(super) fn read_around<E: PassesOn>(&mut self, error: &E, read: impl FnOnce(&mut Self, &E::Inner)) {
        match error.passed_on() {
            PassedOn::Inner(inner) => read(self, inner),
            PassedOn::Timeout => self.outcome = Outcome::Timeout,
            PassedOn::Other => {}
        }
    }

    /// Reads an error that was passed on.
    pub(super) fn read_inner<E: Error>(&mut self, error: &E) {
        self.set_name::<E>();
        self.read_causes(error);
        self.add_cause(error);
    }

    /// Reads an error that was passed on, and dereferences to an [`Error`].
    pub(super) fn read_inner_behind<E: Deref<Target: DynError>>(&mut self, error: &E) {
        self.set_name::<E>();
        let error = (**error).as_dyn_error();
        self.read_causes(error);
        self.add_cause(&error);
    }

    /// Reads an error that was passed on, of which its message is known.
    pub(super) fn read_inner_message<E: Display>(&mut self, error: &E) {
        self.set_name::<E>();
        self.add_cause(error);
    }

    /// Makes the failure a timeout if an error is one or one of its causes, and reads their messages.
    fn read_causes(&mut self, error: &(dyn Error + '_)) {
        if catch_panic(|| is_timeout(error)) == Some(true) {
            self.outcome = Outcome::Timeout;
        }
        if self.wants_message {
            let causes = catch_panic(|| causes(error).map(ToString::to_string).collect());
            self.causes = causes.unwrap_or_default();
        }
    }

    fn add_cause(&mut self, error: &dyn Display) {
        if self.wants_message {
            self.causes.extend(text(error));
        }
    }
}

fn text(message: &dyn Display) -> Option<String> {
    catch_panic(|| message.to_string())
}
