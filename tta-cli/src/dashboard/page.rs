//! A dashboard, and the page that a file shows of it.

use super::panel::Panel;
use super::variable::Variable;

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

/// The file that a panel is drawn for.
pub(crate) struct Page<'a> {
    /// What the file's address in Grafana ends in.
    pub(crate) uid: String,
    /// What a reader of it chooses.
    pub(crate) variables: &'a [Variable],
}
