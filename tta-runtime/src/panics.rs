//! The end of panics that the library catches.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs foreign code; returns `None` if it panics, and drops the panic's payload.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).map_err(discard).ok()
}

/// Drops the payload of a panic, whose own drop may panic.
pub(crate) fn discard(payload: Box<dyn Any + Send>) {
    if let Err(nested) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // Its drop could panic as well, and so on for ever: its memory is the smaller loss.
        std::mem::forget(nested);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use super::caught;

    /// Panics again when it is dropped, as often as the number says.
    struct Bomb(u32);

    impl Drop for Bomb {
        fn drop(&mut self) {
            if let Some(left) = self.0.checked_sub(1) {
                panic_any(Self(left));
            }
        }
    }

    #[test]
    fn a_payload_whose_drop_panics_ends_here() {
        for depth in 0..4 {
            assert_eq!(caught(|| panic_any(Bomb(depth))), None::<()>, "{depth}");
        }
        assert_eq!(caught(|| 7), Some(7));
    }
}
