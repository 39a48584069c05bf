//! The process that something was started in, compared with the current one: a fork has its parent's memory, but none of its threads.
#![expect(unsafe_code, reason = "only the C library knows of forks without a system call")]

/// A mark of the process that made it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProcessMark {
    process: u32,
    /// How often the process had been forked from others; `None` where the C library does not tell.
    forks: Option<u32>,
}

impl ProcessMark {
    /// Marks the current process.
    pub(crate) fn current() -> Self {
        Self { process: std::process::id(), forks: forks::count() }
    }

    /// Returns whether the current process is the marked one.
    ///
    /// It makes no system call, which takes longer than the rest of what a call does at its end, and therefore takes a child that came
    /// about otherwise than by `fork` for its parent. [`is_surely_current`](Self::is_surely_current) does not.
    #[inline]
    pub(crate) fn is_current(self) -> bool {
        match self.forks {
            Some(_) => self.forks == forks::count(),
            None => self.is_surely_current(),
        }
    }

    /// Returns whether the current process is the marked one, as the operating system says.
    pub(crate) fn is_surely_current(self) -> bool {
        self.process == std::process::id()
    }
}

#[cfg(any(target_os = "linux", target_os = "freebsd", target_vendor = "apple"))]
mod forks {
    //! The forks that led to this process, counted by the C library's handler.

    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static FORKS: AtomicU32 = AtomicU32::new(0);

    /// Runs in each child, between the fork and its return.
    extern "C" fn count_in_child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of forks that led to this process, counted from the first call; `None` if they cannot be counted.
    #[inline]
    pub(super) fn count() -> Option<u32> {
        static IS_COUNTED: OnceLock<bool> = OnceLock::new();
        let is_counted = *IS_COUNTED.get_or_init(|| {
            // SAFETY: the handler is a function of this program that takes no arguments and does nothing but add to an atomic, which is
            // allowed in the child of a process with threads: it allocates nothing and takes no lock. A shared library that is closed
            // has its handlers removed by the C library.
            unsafe { libc::pthread_atfork(None, None, Some(count_in_child)) == 0 }
        });
        is_counted.then(|| FORKS.load(Ordering::Relaxed))
    }
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd", target_vendor = "apple")))]
mod forks {
    //! Forks are not counted here.

    pub(super) fn count() -> Option<u32> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::ProcessMark;

    #[test]
    fn the_current_process_has_its_own_mark_and_no_other() {
        let mark = ProcessMark::current();
        assert!(mark.is_current() && mark.is_surely_current());
        let of_parent = ProcessMark { forks: mark.forks.map(|forks| forks + 1), process: mark.process + 1 };
        assert!(!of_parent.is_current() && !of_parent.is_surely_current());
        let uncounted = ProcessMark { forks: None, process: mark.process + 1 };
        assert!(!uncounted.is_current());
    }
}
