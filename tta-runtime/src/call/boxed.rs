//! Runs a boxed future or stream as a call, and returns it in a box of the same type.
//!
//! A function may return `Pin<Box<dyn Future<Output = T>>>`, which is `'static`, for a `T` that is not: the box says nothing
//! about `T`. A type that holds this box is `'static` only if `T` is, and so cannot be put in such a box again. A closure
//! is the exception, since it outlives whatever its captured values outlive. The box is therefore captured as [`Erased`],
//! a pointer that names no type.
#![expect(unsafe_code, reason = "the compiler does not know the type behind a pointer that names none")]

use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::Call;
use super::classification::CallEnd;
use super::future::{CallFuture, Inferred, future};
use super::stream::{CallStream, stream};

/// A boxed future, pinned or `Unpin`.
pub trait BoxedFuture {
    /// The output of the future.
    type Output;
}

/// A boxed stream.
pub trait BoxedStream {
    /// The item of the stream.
    type Item;
}

/// A boxed future or stream that can run as a call whose end the closure `E` reports.
pub trait RunBoxed<E> {
    /// Runs the future or stream as the call.
    fn run(self, call: Call, end: E) -> Self;
}

/// A pinned value whose type is not part of the pointer's type. `Markers` is a trait object with the auto traits of the
/// value.
struct Erased<Markers: ?Sized> {
    value: NonNull<()>,
    /// Drops the value, for the type with which it was created.
    drop: unsafe fn(NonNull<()>),
    markers: PhantomData<Markers>,
}

// SAFETY: the creator of an `Erased` promises that the value is `Send` if `Markers` is.
unsafe impl<Markers: ?Sized + Send> Send for Erased<Markers> {}
// SAFETY: the same for `Sync`.
unsafe impl<Markers: ?Sized + Sync> Sync for Erased<Markers> {}

impl<Markers: ?Sized> Erased<Markers> {
    /// Allocates the value.
    ///
    /// # Safety
    ///
    /// `T` must have the auto traits `Send` and `Sync` if `Markers` has them. The result must be dropped before anything
    /// that `T` borrows.
    unsafe fn new<T>(value: T) -> Self {
        /// Frees the value.
        ///
        /// # Safety
        ///
        /// The pointer must be that of a `Box<T>`, and must not be used again.
        unsafe fn drop<T>(value: NonNull<()>) {
            // SAFETY: the caller gives the pointer of a `Box<T>`, and gives it up.
            std::mem::drop(unsafe { Box::from_raw(value.cast::<T>().as_ptr()) });
        }
        let value = NonNull::from(Box::leak(Box::new(value))).cast();
        Self { value, drop: drop::<T>, markers: PhantomData }
    }

    /// Returns the value, which never moves.
    ///
    /// # Safety
    ///
    /// `T` must be the type with which this was created.
    unsafe fn get<T>(&mut self) -> Pin<&mut T> {
        // SAFETY: the pointer is that of a `Box<T>` that nothing else holds, and that is not moved until it is dropped.
        unsafe { Pin::new_unchecked(self.value.cast::<T>().as_mut()) }
    }

    /// Returns the value.
    ///
    /// # Safety
    ///
    /// `T` must be the type with which this was created.
    unsafe fn peek<T>(&self) -> &T {
        // SAFETY: the pointer is that of a `Box<T>`, which only a mutable borrow of `self` changes.
        unsafe { self.value.cast::<T>().as_ref() }
    }
}

impl<Markers: ?Sized> Drop for Erased<Markers> {
    fn drop(&mut self) {
        // SAFETY: `new` stored the function for the type of this value, and `self` is gone after this.
        unsafe { (self.drop)(self.value) };
    }
}

/// A stream of closures over an erased one.
struct ErasedStream<Markers: ?Sized, Next, Size> {
    stream: Erased<Markers>,
    poll_next: Next,
    size_hint: Size,
}

impl<Markers, Next, Size, T> Stream for ErasedStream<Markers, Next, Size>
where
    Markers: ?Sized + Unpin,
    Next: FnMut(&mut Erased<Markers>, &mut Context<'_>) -> Poll<Option<T>> + Unpin,
    Size: Fn(&Erased<Markers>) -> (usize, Option<usize>) + Unpin,
{
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.get_mut();
        (this.poll_next)(&mut this.stream, cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.size_hint)(&self.stream)
    }
}

macro_rules! run_future {
    ($Body:ty, $Markers:ty, $body:expr, $call:expr, $end:expr) => {{
        // SAFETY: body, call and end have the auto traits that the returned box has, and outlive its lifetime.
        let mut erased = unsafe { Erased::<$Markers>::new(future($call, $body, $end)) };
        // SAFETY: `future` returns this type.
        poll_fn(move |cx| unsafe { erased.get::<CallFuture<$Body, E, Inferred>>() }.poll(cx))
    }};
}

macro_rules! boxed {
    ($Markers:ty $(, $marker:path)*) => {
        impl<T> BoxedFuture for Pin<Box<dyn Future<Output = T> $(+ $marker)* + '_>> {
            type Output = T;
        }

        impl<T> BoxedFuture for Box<dyn Future<Output = T> + Unpin $(+ $marker)* + '_> {
            type Output = T;
        }

        impl<T> BoxedStream for Pin<Box<dyn Stream<Item = T> $(+ $marker)* + '_>> {
            type Item = T;
        }

        impl<'a, T, E> RunBoxed<E> for Pin<Box<dyn Future<Output = T> $(+ $marker)* + 'a>>
        where
            E: FnMut(&T, &mut CallEnd) $(+ $marker)* + 'a,
        {
            #[inline]
            fn run(self, call: Call, end: E) -> Self {
                Box::pin(run_future!(Self, $Markers, self, call, end))
            }
        }

        impl<'a, T, E> RunBoxed<E> for Box<dyn Future<Output = T> + Unpin $(+ $marker)* + 'a>
        where
            E: FnMut(&T, &mut CallEnd) $(+ $marker)* + 'a,
        {
            #[inline]
            fn run(self, call: Call, end: E) -> Self {
                Box::new(run_future!(Self, $Markers, self, call, end))
            }
        }

        impl<'a, T, E> RunBoxed<E> for Pin<Box<dyn Stream<Item = T> $(+ $marker)* + 'a>>
        where
            E: FnMut(&T, &mut CallEnd) $(+ $marker)* + 'a,
        {
            #[inline]
            fn run(self, call: Call, end: E) -> Self {
                // SAFETY: body, call and end have the auto traits that the returned box has, and outlive its lifetime.
                let stream = unsafe { Erased::<$Markers>::new(stream(call, self, end)) };
                Box::pin(ErasedStream {
                    stream,
                    // SAFETY: `stream` returns this type.
                    poll_next: |stream: &mut Erased<$Markers>, cx: &mut Context<'_>| {
                        unsafe { stream.get::<CallStream<Self, E, Inferred>>() }.poll_next(cx)
                    },
                    // SAFETY: the same.
                    size_hint: |stream: &Erased<$Markers>| {
                        unsafe { stream.peek::<CallStream<Self, E, Inferred>>() }.size_hint()
                    },
                })
            }
        }
    };
}
boxed!(dyn Unpin);
boxed!(dyn Send + Unpin, Send);
boxed!(dyn Send + Sync + Unpin, Send, Sync);
