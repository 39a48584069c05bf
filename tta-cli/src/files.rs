//! All files that `tta generate` writes.

use crate::file::artefact::Artefact;
use crate::file::profile::Profile;
use crate::{dashboard, registry, rule, server};

/// Returns all generated files.
///
/// ```
/// let artefacts = tta_cli::files::all(&tta_cli::file::profile::Profile::default());
/// assert!(artefacts.iter().any(|artefact| artefact.path.ends_with("prometheus-rules/recording.yml")));
/// ```
pub fn all(profile: &Profile) -> Vec<Artefact> {
    let rules = rule::artefacts(profile);
    [rules, server::artefacts(profile).to_vec(), dashboard::artefacts(profile), registry::artefacts(profile)].concat()
}
