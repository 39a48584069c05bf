//! Scores of evaluations.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// The average score of each evaluation over an hour: evaluations are often of samples, so minutes hold too few.
pub static AVERAGE: Recording = Recording {
    name: "evaluation:tta_evaluation_score:avg_1h",
    title: "Average score",
    description: "Average score of each evaluation in the past hour, from 0 to 1.",
    unit: Unit::Count,
    query: "sum by (job, name) (rate(tta_evaluation_score_sum[1h])) / (sum by (job, name) (rate(tta_evaluation_score_count[1h])) > 0)",
};

/// The score that a tenth of the evaluations does not reach.
pub static P10: Recording = Recording {
    name: "evaluation:tta_evaluation_score:p10_1h",
    title: "p10 score",
    description: "Score that a tenth of the results of each evaluation in the past hour does not exceed.",
    unit: Unit::Count,
    query: "histogram_quantile(0.1, sum by (job, name, le) (rate(tta_evaluation_score_bucket[1h])))",
};

/// The evaluations per second.
pub static RATE: Recording = Recording {
    name: "evaluation:tta_evaluation_score:rate1h",
    title: "Evaluations",
    description: "Results of each evaluation per second, in the past hour.",
    unit: Unit::PerSecond,
    query: "sum by (job, name) (rate(tta_evaluation_score_count[1h]))",
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-evaluations",
    description: "How good answers are, as the program judges them.",
    interval: "30s",
    rules: &[&AVERAGE, &P10, &RATE],
};
