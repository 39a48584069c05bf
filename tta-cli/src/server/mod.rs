//! The configuration files of Prometheus and Alertmanager.

use crate::file::artefact::Artefact;
use crate::file::profile::Profile;

mod alertmanager;
mod prometheus;

/// Returns both files.
pub(crate) fn artefacts(profile: &Profile) -> [Artefact; 2] {
    [alertmanager::artefact(profile), prometheus::artefact(profile)]
}
