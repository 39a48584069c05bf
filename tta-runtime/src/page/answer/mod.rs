//! The answers of the page's API, one file for each endpoint.

mod attribute;
mod blocks;
mod budgets;
mod length;
mod library;
mod map;
mod models;
mod objectives;
mod otlp;
mod overview;
mod position;
mod row;
mod savings;
mod series;
mod span;
mod trace;
mod traces;
mod what_if;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::TraceId;
use opentelemetry_sdk::Resource;
use serde::Serialize;

use super::history::History;
use super::model_calls::ModelCalls;
use super::number::Decimal;
use super::problem::Problem;
use super::query::Query;
use super::ring::{KeptTrace, Ring};
use crate::clock::Monotonic;
use crate::recorder::Recorder;
use crate::snapshot::Snapshot;
use crate::span::Compatibility;

/// The program that the answers speak of.
pub(super) struct Source {
    pub(super) recorder: &'static Recorder,
    /// 16 hexadecimal digits that are drawn when the process starts.
    pub(super) instance: String,
    pub(super) service_name: String,
    pub(super) service_instance_id: Option<String>,
    pub(super) resource: Resource,
    pub(super) started: Decimal,
    pub(super) started_at: Monotonic,
}

impl Source {
    fn age(&self) -> Duration {
        self.recorder.clock.now().since(self.started_at)
    }

    /// Returns the receivers for which spans say more.
    fn receivers(&self) -> Option<Compatibility> {
        self.recorder.compatibility.get().copied()
    }
}

/// What the page has recorded.
pub(super) struct Recorded<'a> {
    pub(super) source: &'a Source,
    pub(super) ring: &'a Ring,
    pub(super) model_calls: &'a ModelCalls,
    pub(super) history: &'a History,
}

/// An answer in JSON.
pub(crate) enum Answer {
    /// What stands in the envelope.
    Data(Vec<u8>),
    /// A form of another protocol, which has no envelope; with the `after` of what follows, if it is a part.
    Whole(Vec<u8>, Option<String>),
}

impl Recorded<'_> {
    /// Answers a request for a path below `/api/v1/`.
    pub(super) fn answer(&self, path: &str, query: &str) -> Result<Answer, Problem> {
        let Self { source, ring, model_calls, history } = *self;
        let query = Query::new(query);
        let snapshot = || Snapshot::take(source.recorder);
        let parts: Vec<_> = path.split('/').collect();
        match *parts.as_slice() {
            ["overview"] => data(&overview::overview(source, history, &snapshot())),
            ["series"] => data(&series::series(source, history, &query)),
            ["map"] => data(&map::map(source, ring, history, &snapshot())),
            ["traces"] => data(&traces::traces(ring, &source.instance, &query)?),
            ["traces", id] => data(&trace::trace(&*kept(ring, id)?, &query)?),
            ["traces", id, "otlp"] => otlp(&*kept(ring, id)?, source, &query),
            ["traces", id, "spans", span] => {
                let trace = kept(ring, id)?;
                let found = trace.spans().find(|kept| kept.0.ids.span_id().to_string() == span);
                let unknown = || Problem::new(404, "unknown_span", "This span is not kept, or no longer.");
                data(&span::detail(&trace, found.ok_or_else(unknown)?.0, source.receivers()))
            }
            ["models"] => data(&models::models(&snapshot())),
            ["what-if"] => data(&what_if::what_if(model_calls, &snapshot(), &query)?),
            ["budgets"] => data(&budgets::budgets(source, history, &snapshot())),
            ["objectives"] => data(&objectives::objectives(source, history, &snapshot())),
            ["savings"] => data(&savings::savings(&snapshot())),
            ["blocks"] => data(&blocks::blocks(source, history, &snapshot())),
            ["library"] => data(&library::library(self, &snapshot())),
            _ => Err(Problem::unknown_path()),
        }
    }
}

fn kept(ring: &Ring, id: &str) -> Result<Arc<KeptTrace>, Problem> {
    let known = TraceId::from_hex(id).ok().and_then(|id| ring.get(id));
    known.ok_or_else(Problem::unknown_trace)
}

fn data(answer: &impl Serialize) -> Result<Answer, Problem> {
    Ok(Answer::Data(json(answer)?))
}

fn otlp(trace: &KeptTrace, source: &Source, query: &Query<'_>) -> Result<Answer, Problem> {
    let (request, next) = otlp::request(trace, &source.resource, source.receivers(), query)?;
    Ok(Answer::Whole(json(&request)?, next))
}

fn json(answer: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(answer).map_err(|_| Problem::new(500, "not_written", "The answer cannot be written."))
}
