//! Errors of this library around those of the program.

/// An error of this library around one of the program, which need not implement [`Error`].
pub trait PassesOn {
    /// The error of the program.
    type Inner;

    /// Returns what ended the call.
    fn passed_on(&self) -> PassedOn<'_, Self::Inner>;
}

/// The reason for an error of this library.
#[derive(Debug)]
pub enum PassedOn<'a, E> {
    /// The error of the program.
    Inner(&'a E),
    /// A time limit.
    Timeout,
    /// Another decision of this library.
    Other,
}

impl<P: PassesOn> PassesOn for Box<P> {
    type Inner = P::Inner;

    fn passed_on(&self) -> PassedOn<'_, P::Inner> {
        (**self).passed_on()
    }
}
