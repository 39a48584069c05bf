//! Configuration files of the servers that read the rules and send the alerts.

use crate::file::artefact::Artefact;
use crate::file::profile::Profile;

mod alertmanager;
mod prometheus;

/// Returns the configurations of Alertmanager and Prometheus.
pub(crate) fn artefacts(profile: &Profile) -> [Artefact; 2] {
    [alertmanager::artefact(profile), prometheus::artefact(profile)]
}
