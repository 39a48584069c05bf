//! The options of generated files.

use crate::own_keys::OwnKeys;

/// The options that a user sets for generated files.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// The Prometheus job of the observed programs; an alert fires when one of its instances is down.
    pub job: String,
    /// The name of the Prometheus data source that dashboards select first.
    pub datasource: String,
    /// The folder or URL of the runbooks, ending in `/`; an alert's name and `.md` are appended.
    pub runbooks: String,
    /// The divisor of all windows, waits and intervals: 1 in production, more to make alerts fire within a test.
    pub speedup: u32,
    /// True if queries read native histograms where they are there, and classic ones otherwise.
    pub native_histograms: bool,
    /// The labels and attributes of the program, for the registry of names.
    pub own_keys: OwnKeys,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            job: "tta-primitives".to_owned(),
            datasource: "Prometheus".to_owned(),
            runbooks: "docs/runbooks/".to_owned(),
            speedup: 1,
            native_histograms: false,
            own_keys: OwnKeys::default(),
        }
    }
}

impl Profile {
    /// Returns the profile with this job.
    #[must_use]
    pub fn with_job(self, job: impl Into<String>) -> Self {
        Self { job: job.into(), ..self }
    }

    /// Returns the profile with this data source.
    #[must_use]
    pub fn with_datasource(self, datasource: impl Into<String>) -> Self {
        Self { datasource: datasource.into(), ..self }
    }

    /// Returns the profile with runbooks at this folder or URL, which ends in `/`.
    #[must_use]
    pub fn with_runbooks(self, runbooks: impl Into<String>) -> Self {
        Self { runbooks: runbooks.into(), ..self }
    }

    /// Returns the profile whose queries read native histograms where they are there, and classic ones otherwise.
    #[must_use]
    pub fn with_native_histograms(self) -> Self {
        Self { native_histograms: true, ..self }
    }

    /// Returns the profile with the program's labels and attributes.
    #[must_use]
    pub fn with_own_keys(self, own_keys: OwnKeys) -> Self {
        Self { own_keys, ..self }
    }

    /// Returns the profile with all windows, waits and intervals divided by `speedup`.
    ///
    /// # Panics
    ///
    /// Panics if `speedup` is 0.
    #[must_use]
    pub fn with_speedup(self, speedup: u32) -> Self {
        assert!(speedup > 0, "`speedup` is a divisor and must be at least 1");
        Self { speedup, ..self }
    }
}
