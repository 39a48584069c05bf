//! A setting of the process that each start of the telemetry sets anew.

use crossbeam_utils::atomic::AtomicCell;

/// A setting that calls read without a lock. The value of an earlier start is never freed: a call may still look at it.
pub(crate) struct Setting<T: 'static>(AtomicCell<Option<&'static T>>);

impl<T: Send + Sync> Setting<T> {
    /// Creates a setting that is not set.
    pub(crate) const fn new() -> Self {
        Self(AtomicCell::new(None))
    }

    /// Sets the value, `None` to the default.
    pub(crate) fn set(&self, value: Option<T>) {
        self.0.store(value.map(|value| &*Box::leak(Box::new(value))));
    }

    /// Returns the value of the latest start.
    #[inline]
    pub(crate) fn get(&self) -> Option<&'static T> {
        self.0.load()
    }
}

impl<T> std::fmt::Debug for Setting<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Setting").field("is_set", &self.0.load().is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Setting;

    #[test]
    fn the_latest_start_decides() {
        static SETTING: Setting<u32> = Setting::new();
        assert_eq!(SETTING.get(), None);
        for value in [Some(1), Some(2), None] {
            SETTING.set(value);
            assert_eq!(SETTING.get().copied(), value);
        }
        const { assert!(crossbeam_utils::atomic::AtomicCell::<Option<&'static u32>>::is_lock_free()) };
    }
}
