//! Resolves a returned value whose signature does not show whether it is a value, a future or a stream.
//!
//! An alias or an associated type may hide a boxed future. Method look-up finds the implementations for such types on
//! [`Returned`] first, and those for any other type behind its `Deref`. The expansion imports no trait for it.

use std::marker::PhantomData;
use std::ops::Deref;

use futures_core::Stream;

use crate::call::Call;
use crate::call::boxed::{BoxedFuture, BoxedStream, RunBoxed};
use crate::call::classification::CallEnd;
use crate::call::future::Inferred;
use crate::call::stream::{CallStream, stream};

/// Selects the end of a call by the type of what its function returned: first as a boxed future.
#[derive(Debug)]
pub struct Returned<T>(ReturnedBoxedStream<T>);

/// Then as a boxed stream.
#[derive(Debug)]
pub struct ReturnedBoxedStream<T>(ReturnedValue<T>);

/// Any other type: the call ends with the return.
#[derive(Debug)]
pub struct ReturnedValue<T>(PhantomData<fn(T)>);

impl<T> Returned<T> {
    /// Selects by the type of this value.
    #[inline]
    pub fn of(_: &T) -> Self {
        Self(ReturnedBoxedStream(ReturnedValue(PhantomData)))
    }
}

impl<T> Deref for Returned<T> {
    type Target = ReturnedBoxedStream<T>;

    #[inline]
    fn deref(&self) -> &ReturnedBoxedStream<T> {
        &self.0
    }
}

impl<T> Deref for ReturnedBoxedStream<T> {
    type Target = ReturnedValue<T>;

    #[inline]
    fn deref(&self) -> &ReturnedValue<T> {
        &self.0
    }
}

// Method look-up selects by `self`, which none of these reads.
impl<T: BoxedFuture> Returned<T> {
    /// Runs the future as the call.
    #[inline]
    #[allow(clippy::unused_self)]
    pub fn observe<E>(&self, call: Call, body: T, end: E) -> T
    where
        E: FnMut(&T::Output, &mut CallEnd),
        T: RunBoxed<E>,
    {
        body.run(call, end)
    }
}

impl<T: BoxedStream> ReturnedBoxedStream<T> {
    /// Runs the stream as the call.
    #[inline]
    #[allow(clippy::unused_self)]
    pub fn observe<E>(&self, call: Call, body: T, end: E) -> T
    where
        E: FnMut(&T::Item, &mut CallEnd),
        T: RunBoxed<E>,
    {
        body.run(call, end)
    }
}

impl<T> ReturnedValue<T> {
    /// Ends the call with the value.
    #[inline]
    #[allow(clippy::unused_self)]
    pub fn observe(&self, mut call: Call, value: T, end: impl FnOnce(&T, &mut CallEnd)) -> T {
        call.finish(|call_end| end(&value, call_end));
        value
    }
}

/// Selects the end of a call by whether the returned `impl Stream` is one: a program may have a trait of this name.
#[derive(Debug)]
pub struct ReturnedStream<T>(ReturnedValue<T>);

impl<T> ReturnedStream<T> {
    /// Selects by the type of this value.
    #[inline]
    pub fn of(_: &T) -> Self {
        Self(ReturnedValue(PhantomData))
    }
}

impl<T: Stream> ReturnedStream<T> {
    /// Runs the stream as the call.
    #[inline]
    pub fn observe<E: FnMut(&T::Item, &mut CallEnd)>(&self, call: Call, body: T, end: E) -> CallStream<T, E, Inferred> {
        stream(call, body, end)
    }
}

impl<T> Deref for ReturnedStream<T> {
    type Target = ReturnedValue<T>;

    #[inline]
    fn deref(&self) -> &ReturnedValue<T> {
        &self.0
    }
}
