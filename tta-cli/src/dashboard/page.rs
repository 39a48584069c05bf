//! The row types of dashboards.

use super::panel::Panel;
use super::variable::Variable;

/// A dashboard.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// The file's name, and the end of the dashboard's URL in Grafana.
    pub name: &'static str,
    /// The dashboard's title.
    pub title: &'static str,
    /// The question that the dashboard answers.
    pub description: &'static str,
    /// The variables that a reader sets.
    pub variables: Vec<Variable>,
    /// The panels, by section.
    pub sections: Vec<Section>,
}

/// Panels that belong together, shown as a row with a heading or as a tab.
#[derive(Clone, Debug)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// The panels, from left to right, line by line.
    pub panels: Vec<Panel>,
}

impl Dashboard {
    /// Returns the dashboard's identifier in Grafana, the end of its URL.
    pub(crate) fn uid(&self) -> String {
        format!("tta-{}", self.name)
    }
}

/// The file that a panel is rendered for.
pub(crate) struct Page<'a> {
    /// The identifier in Grafana, the end of the file's URL.
    pub(crate) uid: String,
    /// The variables that a reader sets.
    pub(crate) variables: &'a [Variable],
}
