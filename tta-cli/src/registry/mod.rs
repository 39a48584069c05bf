//! The registry of all attributes, metrics, events and spans, in the format of OpenTelemetry's weaver.

mod attributes;
mod events;
mod group;
mod metrics;
mod spans;

use crate::file::artefact::Artefact;
use crate::file::profile::Profile;
use crate::file::yaml::HEADER;

/// Returns the registry's files. `weaver registry check -r registry` reads the folder.
pub(crate) fn artefacts(profile: &Profile) -> Vec<Artefact> {
    let own = &profile.own_keys;
    let manifest = format!(
        "{HEADER}description: The telemetry of programs with TTA.\nschema_url: https://docs.rs/tta-runtime/{}\nstability: development\n",
        env!("CARGO_PKG_VERSION")
    );
    let file = |name: &str, groups: String| {
        Artefact::new(&format!("registry/{name}.yaml"), format!("{HEADER}groups:\n{groups}"))
    };
    vec![
        Artefact::new("registry/manifest.yaml", manifest),
        file("attributes", attributes::groups(own)),
        file("metrics", metrics::groups(own)),
        file("events", events::groups()),
        file("spans", spans::groups(own)),
    ]
}
