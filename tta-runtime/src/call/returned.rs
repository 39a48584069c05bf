//! Resolves a returned value whose signature does not show whether it is a value, a future or a stream.
//!
//! An alias or an associated type may hide a boxed future. Method look-up finds the implementations for such types on
//! [`Returned`] first, and those for any other type behind its `Deref`. The expansion imports no trait for it.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use futures_core::Stream;

use crate::call::Call;
use crate::call::classification::CallEnd;
use crate::call::future::future;
use crate::call::stream::{CallStream, stream};

/// Selects the end of a call by the type of what its function returned.
#[derive(Debug)]
pub struct Returned<T>(ReturnedValue<T>);

/// Any type: the call ends with the return.
#[derive(Debug)]
pub struct ReturnedValue<T>(PhantomData<fn(T)>);

impl<T> Returned<T> {
    /// Selects by the type of this value.
    #[inline]
    pub fn of(_: &T) -> Self {
        Self(ReturnedValue(PhantomData))
    }
}

impl<T> Deref for Returned<T> {
    type Target = ReturnedValue<T>;

    #[inline]
    fn deref(&self) -> &ReturnedValue<T> {
        &self.0
    }
}

impl<T> ReturnedValue<T> {
    /// Ends the call with the value.
    #[inline]
    // Method look-up selects by `self`.
    #[allow(clippy::unused_self)]
    pub fn observe(&self, mut call: Call, value: T, end: impl FnOnce(&T, &mut CallEnd)) -> T {
        call.finish(|call_end| end(&value, call_end));
        value
    }
}

macro_rules! boxed {
    ($($marker:path),*) => {
        impl<'a, T: 'a> Returned<Pin<Box<dyn Future<Output = T> $(+ $marker)* + 'a>>> {
            /// Runs the future as the call.
            #[inline]
            pub fn observe(
                &self,
                call: Call,
                body: Pin<Box<dyn Future<Output = T> $(+ $marker)* + 'a>>,
                end: impl FnOnce(&T, &mut CallEnd) $(+ $marker)* + 'a,
            ) -> Pin<Box<dyn Future<Output = T> $(+ $marker)* + 'a>> {
                Box::pin(future(call, body, end))
            }
        }

        impl<'a, T: 'a> Returned<Box<dyn Future<Output = T> + Unpin $(+ $marker)* + 'a>> {
            /// Runs the future as the call.
            #[inline]
            pub fn observe(
                &self,
                call: Call,
                body: Box<dyn Future<Output = T> + Unpin $(+ $marker)* + 'a>,
                end: impl FnOnce(&T, &mut CallEnd) + Unpin $(+ $marker)* + 'a,
            ) -> Box<dyn Future<Output = T> + Unpin $(+ $marker)* + 'a> {
                Box::new(future(call, body, end))
            }
        }

        impl<'a, T: 'a> Returned<Pin<Box<dyn Stream<Item = T> $(+ $marker)* + 'a>>> {
            /// Runs the stream as the call.
            #[inline]
            pub fn observe(
                &self,
                call: Call,
                body: Pin<Box<dyn Stream<Item = T> $(+ $marker)* + 'a>>,
                end: impl FnMut(&T, &mut CallEnd) $(+ $marker)* + 'a,
            ) -> Pin<Box<dyn Stream<Item = T> $(+ $marker)* + 'a>> {
                Box::pin(stream(call, body, end))
            }
        }
    };
}
boxed!();
boxed!(Send);
boxed!(Send, Sync);

/// Selects the end of a call by whether the returned `impl Stream` is one: a program may have a trait of this name.
#[derive(Debug)]
pub struct ReturnedStream<T>(Returned<T>);

impl<T> ReturnedStream<T> {
    /// Selects by the type of this value.
    #[inline]
    pub fn of(value: &T) -> Self {
        Self(Returned::of(value))
    }
}

impl<T: Stream> ReturnedStream<T> {
    /// Runs the stream as the call.
    #[inline]
    pub fn observe<E: FnMut(&T::Item, &mut CallEnd)>(&self, call: Call, body: T, end: E) -> CallStream<T, E> {
        stream(call, body, end)
    }
}

impl<T> Deref for ReturnedStream<T> {
    type Target = ReturnedValue<T>;

    #[inline]
    fn deref(&self) -> &ReturnedValue<T> {
        &self.0.0
    }
}
