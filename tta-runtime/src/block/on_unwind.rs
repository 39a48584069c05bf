//! Work that a closure hears of if it unwinds.
//!
//! The panic goes on. To catch it and raise it again would take a box for it, and a call that nothing is inlined into.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

pin_project! {
    /// Work, and the closure that runs if it unwinds.
    pub(super) struct OnUnwind<F, U> {
        #[pin]
        work: F,
        on_unwind: U,
    }
}

/// Runs the work; if it unwinds, runs the closure, and the panic goes on.
#[inline]
pub(super) fn on_unwind<F: Future, U: FnMut()>(work: F, on_unwind: U) -> OnUnwind<F, U> {
    OnUnwind { work, on_unwind }
}

impl<F: Future, U: FnMut()> Future for OnUnwind<F, U> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        struct Guard<'a, U: FnMut()>(&'a mut U);
        impl<U: FnMut()> Drop for Guard<'_, U> {
            fn drop(&mut self) {
                (self.0)();
            }
        }
        let this = self.project();
        let guard = Guard(this.on_unwind);
        let polled = this.work.poll(cx);
        std::mem::forget(guard);
        polled
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::ready;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use futures_executor::block_on;

    use super::on_unwind;

    #[test]
    fn the_closure_runs_if_the_work_unwinds_and_the_panic_goes_on() {
        let unwound = Cell::new(0);
        let count = || unwound.set(unwound.get() + 1);
        assert_eq!((block_on(on_unwind(ready(1), count)), unwound.get()), (1, 0));
        let panics = on_unwind(async { std::panic::resume_unwind(Box::new(7)) }, count);
        let payload = catch_unwind(AssertUnwindSafe(|| block_on(panics))).unwrap_err();
        assert_eq!((payload.downcast_ref(), unwound.get()), (Some(&7), 1));
    }
}
