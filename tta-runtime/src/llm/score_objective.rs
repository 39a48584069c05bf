//! The objective of an evaluation.

/// An objective for the scores of an evaluation, for [`Evaluation::with_objective`](super::Evaluation::with_objective): a share of them
/// should be at or above a threshold.
///
/// ```
/// use tta_runtime::llm::ScoreObjective;
///
/// /// 95 % of the scores should be 0.8 or more.
/// const FAITHFUL: ScoreObjective = ScoreObjective::at_least(0.8, 95.0);
///
/// assert_eq!(FAITHFUL.to_string(), "95 % of the scores are 0.8 or more");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreObjective {
    score: f64,
    percent: f64,
}

impl ScoreObjective {
    /// Creates the objective that this percentage of the scores is `score` or more.
    ///
    /// # Panics
    ///
    /// Panics if the score is not above 0 and at most 1, or if the percentage is not above 0 and below 100: an objective of 100 % has no
    /// error budget. In a constant that is an error of the compiler.
    #[must_use]
    #[track_caller]
    pub const fn at_least(score: f64, percent: f64) -> Self {
        assert!(
            score > 0.0 && score <= 1.0,
            "the score of an objective is above 0 and at most 1, as in `at_least(0.8, 95.0)`"
        );
        assert!(
            percent > 0.0 && percent < 100.0,
            "the percentage of an objective is above 0 and below 100, as in `at_least(0.8, 95.0)`"
        );
        Self { score, percent }
    }

    /// Returns the score from which on a result is good.
    pub(super) fn score(self) -> f64 {
        self.score
    }

    /// Returns the share of good results that is wanted, from 0 to 1.
    pub(super) fn share(self) -> f64 {
        self.percent / 100.0
    }
}

impl std::fmt::Display for ScoreObjective {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} % of the scores are {} or more", self.percent, self.score)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::ScoreObjective;

    #[test]
    fn an_objective_that_nothing_or_everything_meets_is_refused() {
        let is_refused = |score, percent| catch_unwind(|| ScoreObjective::at_least(score, percent)).is_err();
        let refused =
            [(0.0, 95.0), (1.1, 95.0), (f64::NAN, 95.0), (95.0, 0.8), (0.8, 0.0), (0.8, 100.0), (0.8, f64::NAN)];
        assert!(refused.into_iter().all(|(score, percent)| is_refused(score, percent)));
        assert!(!is_refused(1.0, 99.9));
    }
}
