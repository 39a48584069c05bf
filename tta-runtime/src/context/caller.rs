//! The name of the primitive from which calls are made.

/// The name of a primitive, empty outside of primitives.
///
/// A thin pointer: every byte of a frame is stored in each of the program's futures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller(pub(super) &'static &'static str);

impl Caller {
    /// No primitive.
    pub(crate) const NONE: Self = Self(&"");

    /// Returns the caller whose name is stored here.
    #[inline]
    pub(crate) const fn of(name: &'static &'static str) -> Self {
        Self(name)
    }

    #[inline]
    pub(crate) fn name(self) -> &'static str {
        self.0
    }

    #[inline]
    pub(crate) fn is_none(self) -> bool {
        self.0.is_empty()
    }
}
