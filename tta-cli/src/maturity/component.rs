//! The measurements of a component, and the stage that it reaches by them.

use super::counts::Counts;

/// The measurements of one component.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Component {
    /// Lines, and those that tests execute.
    pub lines: Counts,
    /// Mutants, and those that tests caught.
    pub mutants: Counts,
    /// The cognitive complexity of its functions.
    pub complexity: Complexity,
}

/// The cognitive complexity of a component's functions, as clippy reports it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Complexity {
    /// Clippy did not run.
    #[default]
    NotMeasured,
    /// Clippy named no function: all are below its threshold.
    BelowThreshold,
    /// The complexity of the most complex function.
    Max(u64),
}

impl Complexity {
    /// Returns whether the complexity is at most `most`, `None` if it was not measured.
    fn is_at_most(self, most: u64) -> Option<bool> {
        match self {
            Self::NotMeasured => None,
            Self::BelowThreshold => Some(true),
            Self::Max(max) => Some(max <= most),
        }
    }
}

/// The requirements of a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gates {
    /// The least share of lines that tests execute.
    pub coverage: f64,
    /// The least share of mutants that tests catch.
    pub mutation_score: f64,
    /// The greatest cognitive complexity of a function.
    pub complexity: u64,
}

/// The requirements of the stages 1 to 3: development, staging and production.
pub const STAGES: [Gates; 3] = [
    Gates { coverage: 0.5, mutation_score: 0.25, complexity: 50 },
    Gates { coverage: 0.7, mutation_score: 0.5, complexity: 25 },
    Gates { coverage: 0.85, mutation_score: 0.75, complexity: 25 },
];

impl Component {
    /// Returns the highest stage whose gates, and those of all stages before it, the component passes; 0 if it is not even stage 1.
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

    /// Returns each gate with whether the component passes it.
    ///
    /// Coverage and mutation score do not pass if they were not measured. There is no gate for complexity if clippy did not run.
    pub fn gates(&self, gates: &Gates) -> impl Iterator<Item = (&'static str, bool)> + use<> {
        let measured = [
            ("coverage", Some(self.lines.ratio().is_some_and(|ratio| ratio >= gates.coverage))),
            ("mutation_score", Some(self.mutants.ratio().is_some_and(|ratio| ratio >= gates.mutation_score))),
            ("complexity", self.complexity.is_at_most(gates.complexity)),
        ];
        measured.into_iter().filter_map(|(gate, passed)| Some((gate, passed?)))
    }
}
