//! What generated files depend on beside the rows: whose metrics they are about, and where things are found.

/// What a user chooses about the generated files.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// The scrape's job; the rules say when an instance of it is down.
    pub job: String,
    /// The name of the data source that dashboards begin with.
    pub datasource: String,
    /// Where pages on alerts are; the name of the alert and `.md` are added.
    pub runbooks: String,
    /// What all windows, waits and intervals are divided by: 1 for use, more to see alerts fire within a test.
    pub speedup: u32,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            job: "tta-primitives".to_owned(),
            datasource: "Prometheus".to_owned(),
            runbooks: "docs/runbooks/".to_owned(),
            speedup: 1,
        }
    }
}

impl Profile {
    /// Returns the profile for another job.
    #[must_use]
    pub fn with_job(self, job: impl Into<String>) -> Self {
        Self { job: job.into(), ..self }
    }

    /// Returns the profile for another data source.
    #[must_use]
    pub fn with_datasource(self, datasource: impl Into<String>) -> Self {
        Self { datasource: datasource.into(), ..self }
    }

    /// Returns the profile for pages on alerts elsewhere: a folder or an address that ends in `/`.
    #[must_use]
    pub fn with_runbooks(self, runbooks: impl Into<String>) -> Self {
        Self { runbooks: runbooks.into(), ..self }
    }

    /// Returns the profile whose windows, waits and intervals are shorter by this factor.
    ///
    /// # Panics
    ///
    /// Panics if `speedup` is 0.
    #[must_use]
    pub fn with_speedup(self, speedup: u32) -> Self {
        assert!(speedup > 0, "nothing can be divided by 0");
        Self { speedup, ..self }
    }
}
