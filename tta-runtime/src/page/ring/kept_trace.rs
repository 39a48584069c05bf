//! A trace that the page keeps.

use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::trace::TraceId;

use super::kept_span::KeptSpan;
use crate::clock::{ClockAnchor, Monotonic};
use crate::model::WorkflowRun;
use crate::span::{SpanRecord, heap_bytes};
use crate::workflow_attributes::WorkflowAttributes;

/// The spans of one trace, in the order in which they ended. A copy shares them.
#[derive(Clone, Debug)]
pub(crate) struct KeptTrace {
    pub(crate) id: TraceId,
    records: Vec<Arc<SpanRecord>>,
    /// Dates the spans.
    pub(crate) anchor: ClockAnchor,
    /// The position of the latest span among all spans.
    pub(crate) changed: u64,
    /// Spans that ended and were too many to keep.
    pub(crate) lost: u64,
    pub(crate) rank: Rank,
    /// The bytes of the spans, besides their places in the list.
    heap: usize,
}

/// What decides how long a trace stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rank {
    pub(crate) duration_ns: u64,
    pub(crate) cost_nano_usd: u64,
    pub(crate) failed_spans: u32,
}

/// What became of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Added,
    /// The trace takes as much as one may.
    TraceFull,
    /// Other traces must give way.
    NoRoom,
}

/// A shared value has two counts before it.
const COUNTS: usize = 2 * size_of::<usize>();

/// The bytes of a trace without spans.
const OWN: usize = PLACE + COUNTS + size_of::<KeptTrace>();

/// A trace's place in the table, whose load is at least seven sixteenths, and its entry.
const PLACE: usize = 3 * (size_of::<TraceId>() + size_of::<usize>() + 1);

impl KeptTrace {
    pub(super) fn new(id: TraceId, anchor: ClockAnchor) -> Self {
        Self { id, records: Vec::new(), anchor, changed: 0, lost: 0, rank: Rank::default(), heap: 0 }
    }

    /// Returns the bytes that the trace takes.
    pub(super) fn bytes(&self) -> usize {
        OWN + self.records.capacity() * size_of::<Arc<SpanRecord>>() + self.heap
    }

    /// Returns the same, added up anew.
    #[cfg(test)]
    pub(super) fn counted_bytes(&self) -> usize {
        let mut heap = 0;
        let mut last = None;
        for span in &self.records {
            heap += span_bytes(span);
            heap += span
                .workflow
                .as_ref()
                .filter(|own| !last.is_some_and(|last| Arc::ptr_eq(last, own)))
                .map_or(0, workflow_bytes);
            last = span.workflow.as_ref().or(last);
        }
        OWN + self.records.capacity() * size_of::<Arc<SpanRecord>>() + heap
    }

    /// Adds a copy of a span, if the trace then takes at most `most` bytes, and grows by at most `room`.
    pub(super) fn add(&mut self, span: &SpanRecord, most: usize, room: usize) -> Fit {
        let last = self.records.iter().rev().find_map(|span| span.workflow.as_ref());
        let (workflow, workflow_bytes) = match &span.workflow {
            None => (None, 0),
            Some(own) => match last.filter(|last| shows_the_same(last, own)) {
                Some(last) => (Some(Arc::clone(last)), 0),
                None => {
                    let shown = Arc::new(shown(own));
                    let bytes = self::workflow_bytes(&shown);
                    (Some(shown), bytes)
                }
            },
        };
        let copy = span.kept(workflow);
        let bytes = span_bytes(&copy) + workflow_bytes;
        let is_full = self.records.len() == self.records.capacity();
        let grows = if is_full { (self.records.len() / 2).max(1) } else { 0 };
        let more = bytes + grows * size_of::<Arc<SpanRecord>>();
        if self.bytes() + more > most {
            self.lost += 1;
            return Fit::TraceFull;
        }
        if more > room {
            return Fit::NoRoom;
        }
        self.records.reserve_exact(grows);
        self.heap += bytes;
        let read = KeptSpan(&copy);
        let duration = if read.is_root() { read.duration_ns() } else { 0 };
        self.rank.duration_ns = self.rank.duration_ns.max(duration);
        self.rank.cost_nano_usd = self.rank.cost_nano_usd.saturating_add(read.cost().map_or(0, |cost| cost.0));
        self.rank.failed_spans += u32::from(read.is_failed());
        self.records.push(Arc::new(copy));
        Fit::Added
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn spans(&self) -> impl Iterator<Item = KeptSpan<'_>> {
        self.records.iter().map(|record| KeptSpan(record))
    }

    pub(crate) fn root(&self) -> Option<KeptSpan<'_>> {
        self.spans().find(|span| span.is_root())
    }

    /// Returns the start of the root, or that of the first span without it.
    pub(crate) fn start(&self) -> Monotonic {
        let first = || self.spans().map(|span| span.0.start).min().unwrap_or_default();
        self.root().map_or_else(first, |root| root.0.start)
    }

    /// Returns the duration of the root, or that of all spans without it.
    pub(crate) fn duration_ns(&self) -> u64 {
        let all = || {
            let end = self.spans().map(|span| span.0.end).max().unwrap_or_default();
            end.0.saturating_sub(self.start().0)
        };
        self.root().map_or_else(all, KeptSpan::duration_ns)
    }

    pub(crate) fn wall(&self, at: Monotonic) -> SystemTime {
        self.anchor.wall(at)
    }

    /// Returns the sum of the known costs, `None` if none is known.
    pub(crate) fn cost(&self) -> Option<u64> {
        let known = self.spans().filter_map(KeptSpan::cost);
        known.map(|cost| cost.0).reduce(u64::saturating_add)
    }
}

/// Returns the bytes of a span, without its workflow's attributes.
fn span_bytes(span: &SpanRecord) -> usize {
    // The run around it may be kept by nobody else.
    let runs = if span.run.is_some() { 2 * (size_of::<WorkflowRun>() + COUNTS) } else { 0 };
    let cost = span.late_cost().map_or(0, |_| size_of::<crate::model::CallCost>() + COUNTS);
    COUNTS + size_of::<SpanRecord>() + heap_bytes(span) + runs + cost
}

/// Copies what spans show of a workflow; the rest would keep alive what its calls share.
fn shown(own: &WorkflowAttributes) -> WorkflowAttributes {
    WorkflowAttributes {
        workflow_id: own.workflow_id.clone(),
        workflow_name: own.workflow_name.clone(),
        session_id: own.session_id.clone(),
        correlation_id: own.correlation_id.clone(),
        causation_id: own.causation_id.clone(),
        agent_id: own.agent_id.clone(),
        agent_type: own.agent_type.clone(),
        tags: own.tags.clone(),
        trace_state: own.trace_state.clone(),
        ..WorkflowAttributes::default()
    }
}

fn texts(of: &WorkflowAttributes) -> [Option<&str>; 7] {
    [
        of.workflow_id.as_deref(),
        of.workflow_name.as_deref(),
        of.session_id.as_deref(),
        of.correlation_id.as_deref(),
        of.causation_id.as_deref(),
        of.agent_id.as_deref(),
        of.agent_type.as_deref(),
    ]
}

fn shows_the_same(one: &WorkflowAttributes, other: &WorkflowAttributes) -> bool {
    texts(one) == texts(other) && one.tags == other.tags && one.trace_state == other.trace_state
}

fn workflow_bytes(workflow: &Arc<WorkflowAttributes>) -> usize {
    /// A map of a few pairs has one node with room for eleven.
    const MAP_NODE: usize = 11 * 2 * size_of::<String>() + 16;
    let texts: usize = texts(workflow).into_iter().flatten().map(|text| text.len() + 16).sum();
    let tags: usize = workflow.tags.iter().map(|(key, value)| key.capacity() + value.capacity()).sum();
    let nodes = workflow.tags.len().div_ceil(5) * MAP_NODE;
    let state = workflow.trace_state.header().len() * 3;
    size_of::<WorkflowAttributes>() + 16 + texts + tags + nodes + state
}
