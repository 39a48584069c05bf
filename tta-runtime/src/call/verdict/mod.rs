//! What an output says about its call: success or failure, the error's type and text.
//!
//! The expansion of the attribute cannot see types. It wraps a reference to the output in [`Output`] and calls `tell`
//! through several references; method look-up then takes the first implementation below that fits the type, from most
//! references to fewest, without a specialisation that stable Rust does not have.

use std::error::Error;
use std::fmt::Display;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::label::LabelValue;
use crate::model::{HasUsage, Usage};
use crate::outcome::Outcome;

/// Causes are followed this far, since nothing keeps an error from naming itself as its source.
const LONGEST_CHAIN: usize = 16;

/// A reference to an output, for method look-up to choose by its type.
#[derive(Debug)]
pub struct Output<'a, T: ?Sized>(pub &'a T);

/// What the output said.
#[derive(Debug)]
pub struct End<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) error_type: Option<&'static str>,
    pub(crate) error_name: fn() -> String,
    pub(crate) message: Option<String>,
    /// The texts of the errors that caused this one.
    pub(crate) causes: Vec<String>,
    pub(crate) wants_message: bool,
    pub(crate) usage: Option<Usage>,
    pub(crate) lifetime: std::marker::PhantomData<&'a ()>,
}

impl End<'_> {
    pub(crate) fn new(wants_message: bool) -> Self {
        Self {
            outcome: Outcome::Success,
            error_type: None,
            error_name: String::new,
            message: None,
            causes: Vec::new(),
            wants_message,
            usage: None,
            lifetime: std::marker::PhantomData,
        }
    }

    /// Makes a success a failure where `ok` is false.
    pub fn ok_if(&mut self, ok: bool) {
        if !ok && self.outcome == Outcome::Success {
            self.outcome = Outcome::Failure;
            self.error_type = Some("not_ok");
        }
    }

    /// Names the error's type.
    pub fn error_type(&mut self, error_type: Option<&'static str>) {
        if error_type.is_some() {
            self.error_type = error_type;
        }
    }

    /// Reports the tokens that the call used.
    pub fn usage(&mut self, usage: Option<Usage>) {
        if usage.is_some() {
            self.usage = usage;
        }
    }

    /// Ends the call by an error and what caused it.
    fn fail_by<E>(&mut self, error: &(dyn Error + 'static)) {
        self.fail::<E>(Some(&error));
        if shielded(|| chain(error).any(is_timeout)) == Some(true) {
            self.outcome = Outcome::Timeout;
        }
        if self.wants_message {
            let causes = shielded(|| chain(error).skip(1).map(ToString::to_string).collect());
            self.causes = causes.unwrap_or_default();
        }
    }

    fn fail<E>(&mut self, message: Option<&dyn Display>) {
        self.outcome = if is_elapsed_name(std::any::type_name::<E>()) { Outcome::Timeout } else { Outcome::Failure };
        self.error_name = short_name::<E>;
        if self.wants_message {
            self.message = message.and_then(|message| shielded(|| message.to_string()));
        }
    }
}

/// Something that tells a call how it ended.
///
/// One trait for all kinds of output, since each further one is looked for at every annotated function.
pub trait Tell {
    /// Tells the call how it ended.
    fn tell(&self, end: &mut End<'_>);
}

/// A `Result` whose error is an [`Error`]: it has a text, and may have been caused by a timeout.
impl<T, E: Error + 'static> Tell for &&&&&Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut End<'_>) {
        if let Err(error) = self.0 {
            end.fail_by::<E>(error);
        }
    }
}

/// A `Result` whose error holds an [`Error`]: `anyhow::Error`, `Box<dyn Error>`.
impl<T, E: Deref<Target: HeldError>> Tell for &&&&Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut End<'_>) {
        if let Err(error) = self.0 {
            end.fail_by::<E>((**error).held());
        }
    }
}

/// A `Result` whose error says itself whether time ran out.
impl<T, E: KnowsTime> Tell for &&&Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut End<'_>) {
        if let Err(error) = self.0 {
            end.fail::<E>(Some(error));
            if error.is_timeout() {
                end.outcome = Outcome::Timeout;
            }
        }
    }
}

/// A `Result` whose error can be shown.
impl<T, E: Display> Tell for &&Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut End<'_>) {
        if let Err(error) = self.0 {
            end.fail::<E>(Some(error));
        }
    }
}

/// A `Result` with any other error.
impl<T, E> Tell for &Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut End<'_>) {
        if self.0.is_err() {
            end.fail::<E>(None);
        }
    }
}

/// Any other output: a call that returned it succeeded.
impl<T: ?Sized> Tell for Output<'_, T> {
    fn tell(&self, _: &mut End<'_>) {}
}

/// What other errors hold.
pub trait HeldError {
    /// Returns the error.
    fn held(&self) -> &(dyn Error + 'static);
}

impl HeldError for dyn Error {
    fn held(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl HeldError for dyn Error + Send + Sync {
    fn held(&self) -> &(dyn Error + 'static) {
        self
    }
}

/// An error of the library's own around one of the program's, which need not be an [`Error`].
pub trait KnowsTime: Display {
    /// Returns whether it says that time ran out.
    fn is_timeout(&self) -> bool;
}

/// Returns what `ok_if` says of the `Ok` value; an `Err` is left to the type.
pub fn ok_of_result<T, E>(out: &Result<T, E>, ok_if: impl FnOnce(&T) -> bool) -> bool {
    out.as_ref().map_or(true, |value| ok_of(value, ok_if))
}

/// Returns what `ok_if` says of the output.
pub fn ok_of<T: ?Sized>(out: &T, ok_if: impl FnOnce(&T) -> bool) -> bool {
    shielded(|| ok_if(out)).unwrap_or(true)
}

/// Returns the usage that the output carries.
pub fn usage_of<T: HasUsage + ?Sized>(out: &T) -> Option<Usage> {
    shielded(|| out.usage()).flatten()
}

/// What a `usage` closure may give.
#[diagnostic::on_unimplemented(
    message = "`usage` gives a `{Self}`, which is no token usage",
    label = "gives a `{Self}`",
    note = "give a `tta_runtime::llm::Usage` or an `Option` of one, such as `usage = |output| Usage::new(output.input, output.output)`"
)]
pub trait IntoUsage {
    /// Returns the usage, where there is any.
    fn into_usage(self) -> Option<Usage>;
}

#[diagnostic::do_not_recommend]
impl<U: Into<Option<Usage>>> IntoUsage for U {
    fn into_usage(self) -> Option<Usage> {
        self.into()
    }
}

/// Returns the usage that a closure finds in the output.
pub fn usage_of_with<T: ?Sized, U: IntoUsage>(out: &T, usage: impl FnOnce(&T) -> U) -> Option<Usage> {
    shielded(|| usage(out).into_usage()).flatten()
}

/// Returns the usage that a closure finds in the `Ok` value.
pub fn usage_of_result_with<T, E, U: IntoUsage>(out: &Result<T, E>, usage: impl FnOnce(&T) -> U) -> Option<Usage> {
    usage_of_with(out.as_ref().ok()?, usage)
}

/// Returns the label that a closure gives to the error.
pub fn error_label<T, E, L: LabelValue>(out: &Result<T, E>, label: impl FnOnce(&E) -> L) -> Option<&'static str> {
    let error = out.as_ref().err()?;
    shielded(|| label(error).label_value())
}

/// Runs what the author of the function wrote; should it panic, the call ends as if it had not been asked.
fn shielded<R>(user: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(user)).ok()
}

/// What an error has among its causes that says that time ran out, whatever its own type.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("time ran out")]
pub(crate) struct TimeRanOut;

/// Returns whether an error says that time ran out: tokio's, or the operating system's (which tokio's becomes).
pub(crate) fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    let is_elapsed =
        |error: &(dyn Error + 'static)| error.is::<tokio::time::error::Elapsed>() || error.is::<TimeRanOut>();
    match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.kind() == std::io::ErrorKind::TimedOut || io.get_ref().is_some_and(|inner| is_elapsed(inner)),
        None => is_elapsed(error),
    }
}

/// Returns the error and what caused it.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source()).take(LONGEST_CHAIN)
}

fn is_elapsed_name(name: &str) -> bool {
    name == std::any::type_name::<tokio::time::error::Elapsed>()
}

/// Returns a type's name without its modules: `Box<dyn Error>` for `alloc::boxed::Box<dyn core::error::Error>`.
pub(crate) fn short_name<E>() -> String {
    shorten(std::any::type_name::<E>())
}

fn shorten(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    for character in name.chars() {
        if character == ':' {
            // Whatever stands before `::` names a module, back to where the path began.
            let path = short.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
            short.truncate(path);
        } else {
            short.push(character);
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::{End, Output, Tell as _, shorten};
    use crate::outcome::Outcome;

    macro_rules! told {
        ($out:expr) => {{
            let mut end = End::new(true);
            (&&&&&&Output(&$out)).tell(&mut end);
            (end.outcome, (end.error_name)(), end.message)
        }};
    }

    struct Opaque;

    #[test]
    fn the_type_of_the_output_decides() {
        assert_eq!(told!(7), (Outcome::Success, String::new(), None));
        assert_eq!(told!(Ok::<_, Opaque>(7)), (Outcome::Success, String::new(), None));
        assert_eq!(told!(Err::<u8, _>(Opaque)), (Outcome::Failure, "Opaque".into(), None));
        assert_eq!(told!(Err::<u8, _>("no".to_owned())), (Outcome::Failure, "String".into(), Some("no".into())));
        let io = std::io::Error::other("disk");
        assert_eq!(told!(Err::<u8, _>(io)), (Outcome::Failure, "Error".into(), Some("disk".into())));
        let boxed: Box<dyn std::error::Error> = "x".into();
        assert_eq!(told!(Err::<u8, _>(boxed)), (Outcome::Failure, "Box<dyn Error>".into(), Some("x".into())));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_of_tokio_s_is_a_timeout_wherever_it_stands() {
        let limit = std::time::Duration::from_secs(1);
        let out = tokio::time::timeout(limit, std::future::pending::<()>()).await;
        assert_eq!(told!(out).0, Outcome::Timeout);
        let wrapped = out.map_err(std::io::Error::other);
        assert_eq!(told!(wrapped).0, Outcome::Timeout);
        let held: Result<(), Box<dyn std::error::Error>> = wrapped.map_err(Into::into);
        assert_eq!(told!(held).0, Outcome::Timeout);
        let sent: Result<(), Box<dyn std::error::Error + Send + Sync>> =
            Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into());
        assert_eq!(told!(sent).0, Outcome::Timeout);
    }

    #[test]
    fn modules_are_left_out_of_a_type_s_name() {
        assert_eq!(shorten("a::b::Outer<c::Inner, &dyn d::Trait>"), "Outer<Inner, &dyn Trait>");
    }
}
