//! Classification by the output's type, through method look-up.
//!
//! The expansion of the attribute cannot see types. It wraps a reference to the output in [`Output`] and calls
//! [`tell`](Tell::tell) through several references. Method look-up then picks the first implementation below that fits
//! the type, from most references to fewest. That is specialization without the language feature, which stable Rust lacks.
//!
//! No implementation may ask for `'static` or another lifetime: the look-up ignores lifetimes, and the compiler would
//! then reject the function instead of trying the next implementation.

use std::error::Error;
use std::fmt::Display;
use std::ops::Deref;

use super::dyn_error::DynError;
use super::end::CallEnd;
use super::passed_on::PassesOn;

/// A reference to an output, whose type selects the implementation of [`Tell`].
#[derive(Debug)]
pub struct Output<'a, T: ?Sized>(pub &'a T);

/// An output that classifies its call.
///
/// One trait covers all kinds of output: each further trait would cost a look-up at every annotated function.
pub trait Tell {
    /// Sets how the call ended.
    fn tell(&self, end: &mut CallEnd);
}

/// A `Result` whose error passes on an error that passes on an [`Error`].
impl<T, E> Tell for &&&&&&&&&&&Output<'_, Result<T, E>>
where
    E: PassesOn<Inner: PassesOn<Inner: Error>> + Display,
{
    fn tell(&self, end: &mut CallEnd) {
        end.fail_around(self.0, Some(as_display), |end, outer| {
            end.read_around(outer, CallEnd::read_inner);
        });
    }
}

/// A `Result` whose error passes on an error that passes on one that dereferences to an [`Error`].
impl<T, E> Tell for &&&&&&&&&&Output<'_, Result<T, E>>
where
    E: PassesOn<Inner: PassesOn<Inner: Deref<Target: DynError>>> + Display,
{
    fn tell(&self, end: &mut CallEnd) {
        end.fail_around(self.0, Some(as_display), |end, outer| {
            end.read_around(outer, CallEnd::read_inner_behind);
        });
    }
}

/// A `Result` whose error passes on an error that passes on one with a message.
impl<T, E> Tell for &&&&&&&&&Output<'_, Result<T, E>>
where
    E: PassesOn<Inner: PassesOn<Inner: Display>> + Display,
{
    fn tell(&self, end: &mut CallEnd) {
        end.fail_around(self.0, Some(as_display), |end, outer| {
            end.read_around(outer, CallEnd::read_inner_message);
        });
    }
}

/// A `Result` whose error passes on an [`Error`].
impl<T, E: PassesOn<Inner: Error> + Display> Tell for &&&&&&&&Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut CallEnd) {
        end.fail_around(self.0, Some(as_display), CallEnd::read_inner);
    }
}

/// A `Result` whose error passes on one that dereferences to an [`Error`].
impl<T, E: PassesOn<Inner: Deref<Target: DynError>> + Display> Tell for &&&&&&&Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut CallEnd) {
        end.fail_around(self.0, Some(as_display), CallEnd::read_inner_behind);
    }
}

/// A `Result` whose error passes on one with a message.
impl<T, E: PassesOn<Inner: Display> + Display> Tell for &&&&&&Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut CallEnd) {
        end.fail_around(self.0, Some(as_display), CallEnd::read_inner_message);
    }
}

/// A `Result` whose error passes on any other.
impl<T, E: PassesOn> Tell for &&&&&Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut CallEnd) {
        end.fail_around(self.0, None, |end, _| end.set_name::<E::Inner>());
    }
}

/// A `Result` whose error is an [`Error`]: it has a message, and a timeout may be among its causes.
impl<T, E: Error> Tell for &&&&Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut CallEnd) {
        if let Err(error) = self.0 {
            end.fail_with_causes::<E>(error);
        }
    }
}

/// A `Result` whose error dereferences to an [`Error`]: `anyhow::Error`, `Box<dyn Error>`.
impl<T, E: Deref<Target: DynError>> Tell for &&&Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut CallEnd) {
        if let Err(error) = self.0 {
            end.fail_with_causes::<E>((**error).as_dyn_error());
        }
    }
}

/// A `Result` whose error implements `Display`.
impl<T, E: Display> Tell for &&Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut CallEnd) {
        if let Err(error) = self.0 {
            end.fail::<E>(Some(error));
        }
    }
}

/// A `Result` with any other error.
impl<T, E> Tell for &Output<'_, Result<T, E>> {
    fn tell(&self, end: &mut CallEnd) {
        if self.0.is_err() {
            end.fail::<E>(None);
        }
    }
}

/// Any other output: the call is a success.
impl<T: ?Sized> Tell for Output<'_, T> {
    fn tell(&self, _: &mut CallEnd) {}
}

fn as_display<E: Display>(error: &E) -> &dyn Display {
    error
}

#[cfg(test)]
mod tests {
    use super::{CallEnd, Output, Tell as _};
    use crate::outcome::Outcome;

    macro_rules! classify {
        ($out:expr) => {{
            let mut end = CallEnd::new(true);
            (&&&&&&&&&&&&Output(&$out)).tell(&mut end);
            (end.outcome, (end.error_name)(), end.message)
        }};
    }

    struct Opaque;

    #[test]
    fn the_type_of_the_output_decides() {
        assert_eq!(classify!(7), (Outcome::Success, String::new(), None));
        assert_eq!(classify!(Ok::<_, Opaque>(7)), (Outcome::Success, String::new(), None));
        assert_eq!(classify!(Err::<u8, _>(Opaque)), (Outcome::Failure, "Opaque".into(), None));
        assert_eq!(classify!(Err::<u8, _>("no".to_owned())), (Outcome::Failure, "String".into(), Some("no".into())));
        let io = std::io::Error::other("disk");
        assert_eq!(classify!(Err::<u8, _>(io)), (Outcome::Failure, "Error".into(), Some("disk".into())));
        let boxed: Box<dyn std::error::Error> = "x".into();
        assert_eq!(classify!(Err::<u8, _>(boxed)), (Outcome::Failure, "Box<dyn Error>".into(), Some("x".into())));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_of_tokio_is_a_timeout_at_any_depth() {
        let limit = std::time::Duration::from_secs(1);
        let out = tokio::time::timeout(limit, std::future::pending::<()>()).await;
        assert_eq!(classify!(out).0, Outcome::Timeout);
        let wrapped = out.map_err(std::io::Error::other);
        assert_eq!(classify!(wrapped).0, Outcome::Timeout);
        let held: Result<(), Box<dyn std::error::Error>> = wrapped.map_err(Into::into);
        assert_eq!(classify!(held).0, Outcome::Timeout);
        let sent: Result<(), Box<dyn std::error::Error + Send + Sync>> =
            Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into());
        assert_eq!(classify!(sent).0, Outcome::Timeout);
    }

    #[test]
    fn an_error_that_borrows_is_classified_as_any_other() {
        #[derive(Debug, thiserror::Error)]
        #[error("bad {0}")]
        struct Bad<'a>(&'a str);

        let text = String::from("text");
        let bad = || Bad(&text);
        assert_eq!(classify!(Err::<u8, _>(bad())), (Outcome::Failure, "Bad".into(), Some("bad text".into())));
        let boxed: Box<dyn std::error::Error + '_> = bad().into();
        assert_eq!(
            classify!(Err::<u8, _>(boxed)),
            (Outcome::Failure, "Box<dyn Error>".into(), Some("bad text".into()))
        );
        let sent: Box<dyn std::error::Error + Send + '_> = Box::new(bad());
        assert_eq!(classify!(Err::<u8, _>(sent)).2, Some("bad text".into()));
    }

    #[test]
    fn a_timeout_is_one_in_a_generic_function_and_behind_a_pointer() {
        fn generic<E: std::error::Error>(error: E) -> Outcome {
            classify!(Err::<u8, _>(error)).0
        }
        fn boxed<'a>(error: impl std::error::Error + 'a) -> Outcome {
            let error: Box<dyn std::error::Error + 'a> = Box::new(error);
            classify!(Err::<u8, _>(error)).0
        }
        use crate::call::classification::timeout::TimedOut;
        use std::io::{Error, ErrorKind};
        let timeouts = [
            || Error::from(ErrorKind::TimedOut),
            || Error::new(ErrorKind::TimedOut, "late"),
            || Error::other(TimedOut),
            || Error::from_raw_os_error(110),
        ];
        for timeout in timeouts.into_iter().take(if cfg!(target_os = "linux") { 4 } else { 3 }) {
            assert_eq!((generic(timeout()), boxed(timeout())), (Outcome::Timeout, Outcome::Timeout));
        }
        assert_eq!(boxed(TimedOut), Outcome::Timeout);
        let failures =
            [|| Error::other("TimedOut"), || Error::from(ErrorKind::NotFound), || Error::other("kind: TimedOut, ")];
        for failure in failures {
            assert_eq!((generic(failure()), boxed(failure())), (Outcome::Failure, Outcome::Failure));
        }
        assert_eq!(boxed(std::fmt::Error), Outcome::Failure);
    }
}
