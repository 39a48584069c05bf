//! Dashboards, and the files that Grafana reads them from.

use crate::file::artefact::Artefact;
use crate::file::profile::Profile;
use crate::promql::catalogue::Catalogue;

pub mod board;
pub(crate) mod page;
pub mod panel;
pub mod query;
pub mod unit;
pub mod variable;

mod classic;
mod drawing;
mod layout;
mod native;
mod provisioning;
mod style;
mod tabs;

pub use page::{Dashboard, Section};

/// Returns the files of all dashboards, and Grafana's provisioning files.
pub(crate) fn artefacts(profile: &Profile) -> Vec<Artefact> {
    let catalogue = Catalogue::shipped([""; 0]);
    let classic = board::all().into_iter().map(|dashboard| {
        let path = format!("grafana/dashboards/{}.json", dashboard.name);
        Artefact::new(&path, text(classic::file(&dashboard, profile, &catalogue), profile))
    });
    let dashboard = board::agent_observability::dashboard();
    let path = format!("grafana/dashboards-v2/{}.json", dashboard.name);
    let tabs = Artefact::new(&path, text(tabs::file(&dashboard, profile, &catalogue), profile));
    classic.chain([tabs]).chain(provisioning::artefacts(profile)).collect()
}

fn text(mut file: serde_json::Value, profile: &Profile) -> String {
    if profile.native_histograms {
        native::rewrite(&mut file);
    }
    format!("{file:#}\n")
}
