//! Work with a deadline of its own.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use pin_project_lite::pin_project;

use crate::context::deadline::enter;

pin_project! {
    /// Work with a deadline, which also holds while the work is dropped.
    pub(super) struct WithDeadline<F> {
        #[pin]
        work: Option<F>,
        deadline: Option<Instant>,
    }

    impl<F> PinnedDrop for WithDeadline<F> {
        fn drop(this: Pin<&mut Self>) {
            this.drop_work();
        }
    }
}

/// Gives work a deadline, or none.
#[inline]
pub(super) fn with_deadline<F>(deadline: Option<Instant>, work: F) -> WithDeadline<F> {
    WithDeadline { work: Some(work), deadline }
}

impl<F> WithDeadline<F> {
    /// Drops the work.
    #[inline]
    pub(super) fn drop_work(self: Pin<&mut Self>) {
        let mut this = self.project();
        if this.work.is_some() {
            let _entered = enter(*this.deadline);
            this.work.set(None);
        }
    }
}

impl<F: Future> Future for WithDeadline<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(work) = this.work.as_pin_mut() else { return Poll::Pending };
        let _entered = enter(*this.deadline);
        work.poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::{pending, ready};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::pin::pin;
    use std::task::{Context, Waker};
    use std::time::{Duration, Instant};

    use super::with_deadline;
    use crate::context::deadline::{current, enter};

    #[test]
    fn a_deadline_holds_while_its_work_is_polled_and_dropped() {
        /// Notes the deadline when it is dropped.
        struct Dropped<'a>(&'a RefCell<Vec<Option<Instant>>>);
        impl Drop for Dropped<'_> {
            fn drop(&mut self) {
                self.0.borrow_mut().push(current());
            }
        }
        let [outer, inner] = [1, 2].map(|seconds| Some(Instant::now() + Duration::from_secs(seconds)));
        let seen = RefCell::new(Vec::new());
        let _outer = enter(outer);
        {
            let dropped = Dropped(&seen);
            let work = async {
                seen.borrow_mut().push(current());
                with_deadline(None, async { seen.borrow_mut().push(current()) }).await;
                seen.borrow_mut().push(current());
                pending::<()>().await;
                drop(dropped);
            };
            let mut work = pin!(with_deadline(inner, work));
            let mut context = Context::from_waker(Waker::noop());
            for _ in 0..2 {
                assert!(work.as_mut().poll(&mut context).is_pending());
                assert_eq!(current(), outer);
            }
        }
        assert_eq!(*seen.borrow(), [inner, None, inner, inner]);
        assert_eq!(current(), outer);
    }

    #[test]
    fn the_deadline_before_is_restored_by_work_that_unwinds_and_work_that_is_done() {
        let outer = Some(Instant::now());
        let _outer = enter(outer);
        let unwinds = with_deadline(None, async { std::panic::resume_unwind(Box::new(7)) });
        assert!(catch_unwind(AssertUnwindSafe(|| futures_executor::block_on(unwinds))).is_err());
        assert_eq!(current(), outer);
        assert_eq!(futures_executor::block_on(with_deadline(None, ready(5))), 5);
        assert_eq!(current(), outer);
    }
}
