//! The series of OpenTelemetry's conventions that the model calls of a site add to.

use std::sync::OnceLock;

use crate::metric::NearSeries;

/// The labels that all of these series share: operation, provider, model, model of the response, type of the error.
pub(crate) type SharedLabels<'a> = [&'a str; 5];

/// The series of the calls with one set of shared labels: that of the first call that went well.
#[derive(Default)]
pub(crate) struct ConventionSeries {
    labels: OnceLock<[Box<str>; 5]>,
    pub(crate) duration: NearSeries,
    pub(crate) input: NearSeries,
    pub(crate) output: NearSeries,
    /// By modality and part.
    pub(crate) usage: [NearSeries; 11],
}

impl ConventionSeries {
    /// Returns whether the series are those of calls with these labels, which are compared once for all of the series. Takes the
    /// labels of a call that went well if there are none yet: most calls have these.
    pub(crate) fn are_of(&self, labels: SharedLabels<'_>, went_well: bool) -> bool {
        let known = if went_well { Some(self.labels.get_or_init(|| labels.map(Box::from))) } else { self.labels.get() };
        known.is_some_and(|known| known.iter().zip(labels).all(|(known, label)| **known == *label))
    }
}
