//! The results of evaluations: how good an answer was, by a judge, a test or a person.

use opentelemetry::KeyValue;
use opentelemetry::trace::Event;

use super::ScoreObjective;
use crate::context::frame::with_current;
use crate::recorder::{GLOBAL, Recorder};
use crate::schema::{Id, Unit, genai};
use crate::text::{self, LONGEST_LABEL};

/// The result of an evaluation, for [`evaluation`].
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Evaluation {
    name: String,
    score: Option<f64>,
    label: Option<String>,
    explanation: Option<String>,
    objective: Option<ScoreObjective>,
}

impl Evaluation {
    /// Creates the result of the evaluation of this name, such as `faithfulness`.
    ///
    /// The name is a label of a metric: use few different ones.
    pub fn of(name: impl Into<String>) -> Self {
        Self {
            name: text::clean(&name.into(), LONGEST_LABEL).into_owned(),
            score: None,
            label: None,
            explanation: None,
            objective: None,
        }
    }

    /// Sets the score. The metric takes scores from 0 to 1; divide others by their maximum.
    pub fn with_score(mut self, score: f64) -> Self {
        self.score = Some(score);
        self
    }

    /// Sets the verdict, such as `relevant` or `pass`.
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Sets the reason for the score. It passes through the redaction ([`Builder::redact`](crate::Builder::redact)), as it may
    /// quote what was evaluated.
    pub fn with_explanation(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = Some(explanation.into());
        self
    }

    /// Sets the objective of the evaluation: its score is then a good or a bad event of it.
    ///
    /// The objective has the series of those that functions declare with `slo(…)`, with the evaluation's name as `primitive_name` and
    /// `slo="score"`, so that the shipped rules, alerts and dashboards know it, and so does the live page. Give all results of a name the
    /// same objective: the latest one is exposed. A result without a score from 0 to 1 is no event.
    ///
    /// ```
    /// use tta_runtime::llm::{self, Evaluation, ScoreObjective};
    ///
    /// const BRIEF: ScoreObjective = ScoreObjective::at_least(0.8, 95.0);
    ///
    /// llm::evaluation(Evaluation::of("brief").with_score(0.9).with_objective(BRIEF));
    /// llm::evaluation(Evaluation::of("brief").with_score(0.7).with_objective(BRIEF));
    /// let text = tta_runtime::metrics_text();
    /// assert!(text.contains(r#"tta_slo_events_total{primitive_name="brief",slo="score",outcome="good"} 1"#));
    /// assert!(text.contains(r#"tta_slo_events_total{primitive_name="brief",slo="score",outcome="bad"} 1"#));
    /// assert!(text.contains(r#"tta_slo_objective_ratio{primitive_name="brief",slo="score"} 0.95"#));
    /// assert!(text.contains(r#"tta_slo_score_threshold{primitive_name="brief"} 0.8"#));
    /// ```
    pub fn with_objective(mut self, objective: ScoreObjective) -> Self {
        self.objective = Some(objective);
        self
    }
}

/// Records the result of an evaluation of the current call: the event `gen_ai.evaluation.result` on the call's span, and its
/// score in the histogram `tta_evaluation_score`.
///
/// The event has the attributes of OpenTelemetry's conventions: `gen_ai.evaluation.name`, `….score.value`, `….score.label`,
/// `….explanation`, and the `gen_ai.response.id` of a model call. Outside of a call, or in a trace that is not sampled, there is
/// no event, and the score is in the metric all the same. A score that is not from 0 to 1 is on the event alone; one that is no
/// finite number is nowhere.
///
/// Returns whether the score is in the metric: it is from 0 to 1, and the telemetry is not disabled.
///
/// With an objective ([`Evaluation::with_objective`]), the score is also a good or a bad event of it.
///
/// ```
/// use tta_runtime::llm::{self, Evaluation};
/// use tta_runtime::primitive;
///
/// #[primitive(type = "validator", action = "check")]
/// fn judge(answer: &str) -> bool {
///     let is_brief = answer.len() < 100;
///     let score = if is_brief { 1.0 } else { 0.0 };
///     llm::evaluation(Evaluation::of("brevity").with_score(score).with_explanation("at most 100 bytes"))
/// }
///
/// assert!(judge("Two dollars."));
/// assert!(!llm::evaluation(Evaluation::of("stars").with_score(4.5)), "not from 0 to 1");
/// # let text = tta_runtime::metrics_text();
/// assert!(text.contains(r#"tta_evaluation_score_count{name="brevity"} 1"#));
/// ```
pub fn evaluation(result: Evaluation) -> bool {
    let Evaluation { name, score, label, explanation, objective } = result;
    let score = score.filter(|score| score.is_finite());
    let recorder = with_current(|frame| {
        if let Some(span) = &mut frame.record {
            let explanation = explanation.map(|explanation| frame.recorder.redact(&explanation));
            let response = span.attributes.get(genai::RESPONSE_ID).map(|id| KeyValue::new(genai::RESPONSE_ID, id));
            let others = [
                score.map(|score| KeyValue::new(genai::EVALUATION_SCORE_VALUE, score)),
                label.map(|label| KeyValue::new(genai::EVALUATION_SCORE_LABEL, label)),
                explanation.map(|explanation| KeyValue::new(genai::EVALUATION_EXPLANATION, explanation)),
                response,
            ];
            let name = KeyValue::new(genai::EVALUATION_NAME, name.clone());
            let attributes = [name].into_iter().chain(others.into_iter().flatten()).collect();
            let clock = &frame.recorder.clock;
            let at = clock.anchor().wall(clock.now());
            span.add_event(Event::new(genai::EVALUATION_RESULT, at, attributes, 0));
        }
        frame.recorder
    });
    let Some(score) = score.filter(|score| (0.0..=1.0).contains(score)) else { return false };
    let recorder = recorder.unwrap_or(&GLOBAL);
    recorder.add(Id::EvaluationScore, &[&name], billionths(score));
    if let Some(objective) = objective.filter(|_| recorder.is_enabled()) {
        count(recorder, &name, score, objective);
    }
    recorder.is_enabled()
}

/// Counts a score as an event of its objective.
fn count(recorder: &Recorder, name: &str, score: f64, objective: ScoreObjective) {
    for (outcome, n) in [("good", u64::from(score >= objective.score())), ("bad", u64::from(score < objective.score()))]
    {
        // Both series are there from the first event on: a ratio needs both.
        recorder.add(Id::SloEvents, &[name, SCORE, outcome], n);
    }
    let set = |id, labels: &[&str], value| {
        if let Some(gauge) = recorder.gauge(id, labels) {
            gauge.set(i64::try_from(billionths(value)).unwrap_or(i64::MAX));
        }
    };
    set(Id::SloObjective, &[name, SCORE], objective.share());
    set(Id::SloScoreThreshold, &[name], objective.score());
}

/// The value of the label `slo` for objectives of evaluations.
const SCORE: &str = "score";

/// Returns a score or a share as cells count it.
fn billionths(score: f64) -> u64 {
    (score * Unit::Score.scale()).round() as u64
}
