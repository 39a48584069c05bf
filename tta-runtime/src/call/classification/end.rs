//! How a call ended: the outcome, with the error or the usage that goes with it.

use std::error::Error;
use std::fmt::Display;

use super::closures::catch_panic;
use super::error_name::short_name;
use super::timeout::{causes, is_elapsed, is_timeout};
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
        }
    }

    /// Creates the end of a call without an output: cancelled, panicked or timed out.
    pub(crate) fn without_output(outcome: Outcome) -> Self {
        Self { outcome, ..Self::new(false) }
    }

    /// Turns a success into a failure if `ok` is false.
    pub fn ok_if(&mut self, ok: bool) {
        if !ok && self.outcome == Outcome::Success {
            self.outcome = Outcome::Failure;
            self.error_type = Some("not_ok");
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
    pub(super) fn fail_with_causes<E>(&mut self, error: &(dyn Error + '_), is_own_timeout: impl FnOnce() -> bool) {
        self.fail::<E>(Some(&error));
        if catch_panic(|| is_own_timeout() || causes(error).any(is_timeout)) == Some(true) {
            self.outcome = Outcome::Timeout;
        }
        if self.wants_message {
            let causes = catch_panic(|| causes(error).map(ToString::to_string).collect());
            self.causes = causes.unwrap_or_default();
        }
    }

    /// Ends the call with an error of type `E`: a timeout if `E` is tokio's `Elapsed`, a failure otherwise.
    pub(super) fn fail<E>(&mut self, message: Option<&dyn Display>) {
        self.outcome = if is_elapsed::<E>() { Outcome::Timeout } else { Outcome::Failure };
        self.error_name = short_name::<E>;
        if self.wants_message {
            self.message = message.and_then(|message| catch_panic(|| message.to_string()));
        }
    }
}
