//! Dashboards: what a row says, and the files that rows become.

use crate::artefact::Artefact;
use crate::catalogue::Catalogue;
use crate::profile::Profile;

pub mod board;
pub mod panel;
pub mod query;
pub mod unit;
pub mod variable;

mod classic;
mod drawing;
mod layout;
mod provisioning;
mod style;
mod tabs;

use panel::Panel;
use variable::Variable;

/// A dashboard.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// Its file's name, and the end of its address in Grafana.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Which question it answers.
    pub description: &'static str,
    /// What a reader chooses.
    pub variables: Vec<Variable>,
    /// Its panels, in their order.
    pub sections: Vec<Section>,
}

/// Panels that belong together: a row with a heading, or a tab.
#[derive(Clone, Debug)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// The panels, in the order in which they fill the lines.
    pub panels: Vec<Panel>,
}

impl Dashboard {
    /// Returns what its address in Grafana ends in.
    pub(crate) fn uid(&self) -> String {
        format!("tta-{}", self.name)
    }
}

/// Returns the dashboards' files, and those by which Grafana finds them.
pub(crate) fn artefacts(profile: &Profile) -> Vec<Artefact> {
    let catalogue = Catalogue::shipped([""; 0]);
    let classic = board::all().into_iter().map(|dashboard| {
        let path = format!("grafana/dashboards/{}.json", dashboard.name);
        Artefact::new(&path, text(&classic::file(&dashboard, profile, &catalogue)))
    });
    let dashboard = board::agent_observability::dashboard();
    let path = format!("grafana/dashboards-v2/{}.json", dashboard.name);
    let tabs = Artefact::new(&path, text(&tabs::file(&dashboard, profile, &catalogue)));
    classic.chain([tabs]).chain(provisioning::artefacts(profile)).collect()
}

fn text(file: &serde_json::Value) -> String {
    format!("{file:#}\n")
}
