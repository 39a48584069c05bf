//! Which labels an instrument's series may have.

use std::borrow::Cow;

use super::{Instrument, Labels, Number, Others, Selection};

impl Labels {
    /// Returns what a label of a metric is called here, `None` where it goes.
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
    /// Returns the labels that its series may have, a function's own ones left out.
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

    /// Returns whether its series have a function's own labels, too.
    pub(crate) fn has_own_labels(&self) -> bool {
        let are_recorded = self.series_of().iter().any(|part| part.metric.metric().own_labels);
        matches!(self.labels.others, Others::Stay) && are_recorded
    }

    /// Returns the parts that say which series there are.
    fn series_of(&self) -> &'static [Selection] {
        match self.number {
            Number::Sum(parts) | Number::Share { among: parts, .. } | Number::BudgetLeft { objective: parts, .. } => {
                parts
            }
        }
    }
}
