//! The labels that an instrument's series may have.

use std::borrow::Cow;

use super::{Instrument, Labels, Number, Others, Selection};

impl Labels {
    /// Returns the name of a metric's label in this view, or `None` if the view drops it.
    pub(super) fn name(&self, label: Cow<'static, str>) -> Option<Cow<'static, str>> {
        let renamed = self.renamed.iter().find(|(from, _)| *from == label);
        match (renamed, self.others) {
            (Some((_, to)), _) => Some(Cow::Borrowed(*to)),
            (None, Others::Stay) => Some(label),
            (None, Others::Go) => None,
        }
    }
}

impl Instrument {
    /// Returns the labels that its series may have, without the own labels of annotated functions.
    pub(crate) fn label_names(&self) -> Vec<Cow<'static, str>> {
        let mut names = Vec::new();
        for part in self.series_of() {
            let kept = part.metric.metric().labels.iter().filter_map(|&label| self.labels.name(label.into()));
            for name in kept.chain(part.set.iter().map(|&(name, _)| name.into())) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// Returns true if its series also have the own labels of annotated functions.
    pub(crate) fn has_own_labels(&self) -> bool {
        let are_recorded = self.series_of().iter().any(|part| part.metric.metric().own_labels);
        matches!(self.labels.others, Others::Stay) && are_recorded
    }

    /// Returns the selections that determine which series exist.
    fn series_of(&self) -> &'static [Selection] {
        match self.number {
            Number::Sum(parts) | Number::Share { among: parts, .. } | Number::BudgetLeft { objective: parts, .. } => {
                parts
            }
        }
    }
}
