//! The questions of the views, and their answers.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::screen_text::{screen_text, screen_texts};
use crate::doctor::Unanswered;
use crate::live::{LiveProgram, TracedSpan, WrongCall, whole_trace};

/// The most rows of a list of traces.
const MOST_TRACES: &str = "200";

/// The data that a view needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Overview,
    Traces { order: &'static str, filter: Vec<(String, String)> },
    Trace { id: String },
}

/// The answer of a program, or the reason why there is none.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) question: Question,
    pub(super) data: Result<Read, Trouble>,
}

/// The reason why a question has no answer, as a terminal may show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The program does not answer, or nothing that can be read.
    NoAnswer(String),
    /// The program refuses the question, with this text.
    Refused(String),
}

impl Trouble {
    pub(super) fn into_text(self) -> String {
        match self {
            Self::NoAnswer(text) | Self::Refused(text) => text,
        }
    }
}

impl From<WrongCall> for Trouble {
    fn from(wrong: WrongCall) -> Self {
        match wrong {
            WrongCall::Unanswered(Unanswered::Refused { reason, .. }) => Self::Refused(screen_text(&reason)),
            wrong => Self::NoAnswer(screen_text(&wrong.to_string())),
        }
    }
}

/// An answer that was read.
#[derive(Debug)]
pub(super) struct Read {
    /// Another value than before means that the program restarted.
    pub(super) instance: String,
    /// In nanoseconds since 1970.
    pub(super) now_unix_ns: u64,
    pub(super) data: Data,
}

#[derive(Debug)]
pub(super) enum Data {
    Overview(Overview, Series),
    Traces(Traces),
    Trace(Trace, Vec<TracedSpan>),
}

/// An answer of `/api/v1/overview`.
#[derive(Debug, Deserialize)]
pub(super) struct Overview {
    pub(super) service_name: String,
    pub(super) started_unix_ns: String,
    pub(super) calls_per_second: ByOutcome,
    pub(super) seconds: Percentiles,
    pub(super) error_ratio: f64,
    pub(super) cost_nano_usd: String,
    pub(super) cost_nano_usd_per_hour: String,
    pub(super) unknown_cost_calls: u64,
    pub(super) tokens: String,
    pub(super) tokens_per_second: f64,
    pub(super) active_workflows: u64,
    pub(super) movers: Vec<Mover>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ByOutcome {
    pub(super) success: f64,
    pub(super) failure: f64,
    pub(super) timeout: f64,
    pub(super) cancelled: f64,
    pub(super) panicked: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Percentiles {
    pub(super) p50: f64,
    pub(super) p95: f64,
    pub(super) p99: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Mover {
    pub(super) primitive: String,
    pub(super) measure: String,
    pub(super) before: f64,
    pub(super) now: f64,
}

/// An answer of `/api/v1/series`.
#[derive(Debug, Deserialize)]
pub(super) struct Series {
    series: Vec<OneSeries>,
}

#[derive(Debug, Deserialize)]
struct OneSeries {
    name: String,
    values: Vec<Option<f64>>,
}

impl Series {
    /// Returns the samples of a series, the oldest first.
    pub(super) fn values(&self, name: &str) -> &[Option<f64>] {
        self.series.iter().find(|series| series.name == name).map_or(&[], |series| &series.values)
    }
}

/// An answer of `/api/v1/traces`.
#[derive(Debug, Deserialize)]
pub(super) struct Traces {
    #[serde(rename = "traces")]
    pub(super) rows: Vec<Row>,
    pub(super) left_out: u64,
    pub(super) held: u64,
    pub(super) held_bytes: u64,
    pub(super) limit_bytes: u64,
}

/// A trace in a list.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub(super) trace_id: String,
    pub(super) root: String,
    pub(super) start_unix_ns: String,
    pub(super) duration_ns: u64,
    pub(super) outcome: Option<String>,
    pub(super) error_type: Option<String>,
    pub(super) spans: u64,
    pub(super) failed_spans: u64,
    pub(super) tokens: String,
    pub(super) cost_nano_usd: Option<String>,
    /// The time from its start to the answer.
    #[serde(skip)]
    pub(super) age_ns: u64,
}

/// An answer of `/api/v1/traces/{trace_id}`, without the spans.
#[derive(Debug, Deserialize)]
pub(super) struct Trace {
    #[serde(rename = "trace_id")]
    pub(super) id: String,
    pub(super) duration_ns: u64,
    pub(super) complete: bool,
    pub(super) lost_spans: u64,
}

/// Returns a number that the API writes in decimal digits, 0 if it is none.
pub(super) fn whole(digits: &str) -> u64 {
    digits.parse().unwrap_or(0)
}

impl Question {
    /// Asks a program. All texts of the answer are such that a terminal may show them.
    pub(super) fn ask(&self, program: &LiveProgram) -> Answer {
        let data = self.read(program).map_err(Trouble::from);
        Answer { question: self.clone(), data }
    }

    fn read(&self, program: &LiveProgram) -> Result<Read, WrongCall> {
        let mut envelope = Envelope::default();
        let data = match self {
            Self::Overview => {
                let overview = envelope.open(program, "overview", &[])?;
                Data::Overview(overview, envelope.open(program, "series", &[])?)
            }
            Self::Traces { order, filter } => {
                let mut query = vec![("order", *order), ("limit", MOST_TRACES)];
                query.extend(filter.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                let mut traces: Traces = envelope.open(program, "traces", &query)?;
                for row in &mut traces.rows {
                    row.age_ns = envelope.now_unix_ns.saturating_sub(whole(&row.start_unix_ns));
                }
                Data::Traces(traces)
            }
            Self::Trace { id } => {
                let (trace, spans) = whole_trace(id, |path, query| Ok(envelope.take(program.ask(path, query)?)))?;
                Data::Trace(serde_json::from_value(trace)?, spans)
            }
        };
        Ok(Read { instance: envelope.instance, now_unix_ns: envelope.now_unix_ns, data })
    }
}

/// The frame around the data of an answer.
#[derive(Default)]
struct Envelope {
    instance: String,
    now_unix_ns: u64,
}

impl Envelope {
    fn open<T: DeserializeOwned>(
        &mut self,
        program: &LiveProgram,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, WrongCall> {
        Ok(serde_json::from_value(self.take(program.ask(path, query)?))?)
    }

    fn take(&mut self, answer: Value) -> Value {
        let mut answer = screen_texts(answer);
        answer["instance"].as_str().unwrap_or_default().clone_into(&mut self.instance);
        self.now_unix_ns = answer["now_unix_ns"].as_str().map_or(0, whole);
        answer["data"].take()
    }
}
