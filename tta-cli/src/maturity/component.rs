//! A component, and the stage that it reaches.

use super::counts::Counts;

/// What the reports say about one component.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Component {
    /// Lines, and those that tests run.
    pub lines: Counts,
    /// Changes, and those that tests noticed.
    pub mutants: Counts,
    /// What clippy says about its functions.
    pub complexity: Complexity,
}

/// What clippy says about the functions of a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Complexity {
    /// Nothing: it did not run.
    #[default]
    NotMeasured,
    /// It named none, so that all are simple.
    BelowThreshold,
    /// The cognitive complexity of the most complex one.
    Max(u64),
}

impl Complexity {
    /// Returns whether it is at most this, `None` where it was not measured.
    fn is_at_most(self, most: u64) -> Option<bool> {
        match self {
            Self::NotMeasured => None,
            Self::BelowThreshold => Some(true),
            Self::Max(greatest) => Some(greatest <= most),
        }
    }
}

/// What a stage asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gates {
    /// The least share of lines that tests run.
    pub coverage: f64,
    /// The least share of changes that tests notice.
    pub mutation_score: f64,
    /// The greatest cognitive complexity of a function.
    pub complexity: u64,
}

/// What development, staging and production ask for, in this order: the stages 1, 2 and 3.
pub const STAGES: [Gates; 3] = [
    Gates { coverage: 0.5, mutation_score: 0.25, complexity: 50 },
    Gates { coverage: 0.7, mutation_score: 0.5, complexity: 25 },
    Gates { coverage: 0.85, mutation_score: 0.75, complexity: 25 },
];

impl Component {
    /// Returns how far it has come: the number of stages, one after the other, whose gates it all passes.
    ///
    /// ```
    /// use tta_cli::maturity::{Complexity, Component, Counts};
    ///
    /// let component = Component {
    ///     lines: Counts { good: 75, total: 100 },
    ///     mutants: Counts { good: 3, total: 4 },
    ///     complexity: Complexity::Max(12),
    /// };
    /// assert_eq!(component.stage(), 2);
    /// assert_eq!(Component { complexity: Complexity::NotMeasured, ..component }.stage(), 0);
    /// assert_eq!(Component::default().stage(), 0);
    /// ```
    pub fn stage(&self) -> usize {
        let passes =
            |gates: &&Gates| self.complexity != Complexity::NotMeasured && self.gates(gates).all(|(_, passed)| passed);
        STAGES.iter().take_while(passes).count()
    }

    /// Returns which gates it passes. Lines and changes that were not measured pass none; where clippy did not run, there is no
    /// gate for complexity.
    pub fn gates(&self, gates: &Gates) -> impl Iterator<Item = (&'static str, bool)> + use<> {
        let measured = [
            ("coverage", Some(self.lines.ratio().is_some_and(|ratio| ratio >= gates.coverage))),
            ("mutation_score", Some(self.mutants.ratio().is_some_and(|ratio| ratio >= gates.mutation_score))),
            ("complexity", self.complexity.is_at_most(gates.complexity)),
        ];
        measured.into_iter().filter_map(|(gate, passed)| Some((gate, passed?)))
    }
}
