//! The latest traces and the most notable ones, in a bounded number of bytes.

pub(crate) mod kept_span;
pub(crate) mod kept_trace;
pub(crate) mod trace_filter;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use opentelemetry::trace::TraceId;

pub(crate) use self::kept_span::KeptSpan;
use self::kept_trace::Fit;
pub(crate) use self::kept_trace::{KeptTrace, Rank};
pub(crate) use self::trace_filter::{Range, TraceFilter};
use crate::clock::ClockAnchor;
use crate::span::SpanRecord;

/// Keeps traces. Export threads add to it; calls never touch it. Requests read copies, which share the spans, so that an export thread
/// waits for no request that looks through them.
pub(crate) struct Ring {
    limit: usize,
    state: Mutex<Traces>,
}

/// The traces of one moment.
pub(crate) struct Reading {
    pub(crate) traces: Vec<Arc<KeptTrace>>,
    /// The bytes that they take.
    pub(crate) bytes: usize,
    /// The spans that were added so far.
    pub(crate) position: u64,
}

/// The traces that are kept.
#[derive(Default)]
struct Traces {
    by_id: HashMap<TraceId, Arc<KeptTrace>, RandomState>,
    bytes: usize,
    /// The spans that were added so far.
    position: u64,
    /// The traces that gave way before their roots ended, with the spans that went with them; the latest last.
    cut: VecDeque<(TraceId, u64)>,
}

/// The most traces that are remembered after they gave way.
const MOST_CUT: usize = 256;

/// The bytes of these.
const CUT_BYTES: usize = MOST_CUT * size_of::<(TraceId, u64)>();

/// An order in which traces are worth keeping; the greatest first.
type Order = fn(u64, Rank) -> u64;

/// The sixteenths of the limit that stay when the ring is full, and the traces that get them. What they leave goes to the latest.
const SHARES: [(usize, Order); 4] = [
    (4, |changed, _| changed),
    (4, |changed, rank| if rank.failed_spans > 0 { changed } else { 0 }),
    (3, |_, rank| rank.duration_ns),
    (3, |_, rank| rank.cost_nano_usd),
];

/// The sixteenths of the limit that one trace takes at most: fewer than the latest traces get, so that one that runs stays.
const OF_TRACE: usize = 3;

/// The sixteenths of the limit that stay in all.
const KEPT: usize = 14;

impl Ring {
    /// Creates a ring that takes at most this many bytes.
    pub(crate) fn new(limit: usize) -> Self {
        let traces = Traces { cut: VecDeque::with_capacity(MOST_CUT), ..Traces::default() };
        Self { limit, state: Mutex::new(traces) }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Keeps a copy of a span that ended.
    pub(crate) fn add(&self, span: &SpanRecord, anchor: ClockAnchor) {
        let limit = self.limit.saturating_sub(CUT_BYTES);
        let mut traces = self.lock();
        traces.position += 1;
        if traces.add(span, anchor, limit) == Fit::NoRoom {
            traces.make_room(limit);
            if traces.add(span, anchor, limit) == Fit::NoRoom {
                traces.lose(span.ids.trace_id());
            }
        }
    }

    /// Returns the trace with this identifier.
    pub(crate) fn get(&self, id: TraceId) -> Option<Arc<KeptTrace>> {
        self.lock().by_id.get(&id).cloned()
    }

    /// Returns all traces, and what was added so far.
    pub(crate) fn read(&self) -> Reading {
        let traces = self.lock();
        let Traces { by_id, bytes, position, .. } = &*traces;
        Reading { traces: by_id.values().cloned().collect(), bytes: *bytes, position: *position }
    }

    fn lock(&self) -> MutexGuard<'_, Traces> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Traces {
    fn add(&mut self, span: &SpanRecord, anchor: ClockAnchor, limit: usize) -> Fit {
        let Self { by_id, bytes, position, cut } = self;
        let id = span.ids.trace_id();
        let trace = by_id.entry(id).or_insert_with(|| {
            let mut trace = KeptTrace::new(id, anchor);
            if let Some(place) = cut.iter().position(|(cut, _)| *cut == id) {
                trace.lost = cut.remove(place).map_or(0, |(_, spans)| spans);
            }
            *bytes += trace.bytes();
            Arc::new(trace)
        });
        let before = trace.bytes();
        // A request may have the trace.
        let trace = Arc::make_mut(trace);
        trace.changed = *position;
        let fit = trace.add(span, OF_TRACE * (limit / 16), limit.saturating_sub(*bytes));
        *bytes = *bytes + trace.bytes() - before;
        fit
    }

    /// Counts a span for which there is no room at all. A trace without spans is not kept.
    fn lose(&mut self, id: TraceId) {
        let Some(trace) = self.by_id.get_mut(&id) else { return };
        if trace.len() > 0 {
            Arc::make_mut(trace).lost += 1;
            return;
        }
        let lost = trace.lost + 1;
        self.bytes -= trace.bytes();
        self.by_id.remove(&id);
        self.remember_cut(id, lost);
    }

    fn remember_cut(&mut self, id: TraceId, lost: u64) {
        if self.cut.len() == MOST_CUT {
            self.cut.pop_front();
        }
        self.cut.push_back((id, lost));
    }

    /// Removes traces until those that stay take fourteen sixteenths of the limit. Removing one for each new trace would sort them as
    /// often.
    fn make_room(&mut self, limit: usize) {
        let mut all: Vec<_> =
            self.by_id.values().map(|trace| (trace.id, trace.changed, trace.rank, trace.bytes())).collect();
        let mut staying = HashSet::with_hasher(RandomState::default());
        let mut bytes = 0;
        let mut granted = 0;
        let latest_again = [(0, SHARES[0].1)];
        for (share, order) in SHARES.into_iter().chain(latest_again) {
            granted += share;
            let most = if share == 0 { KEPT } else { granted } * (limit / 16);
            all.sort_unstable_by_key(|(_, changed, rank, _)| std::cmp::Reverse(order(*changed, *rank)));
            for (id, changed, rank, weight) in &all {
                if staying.contains(id) {
                    continue;
                }
                if order(*changed, *rank) == 0 {
                    break;
                }
                // A smaller one may fit.
                if bytes + weight <= most {
                    staying.insert(*id);
                    bytes += weight;
                }
            }
        }
        let mut cut = Vec::new();
        self.by_id.retain(|id, trace| {
            let stays = staying.contains(id);
            // Its root is still to come, and must not look like the whole trace.
            if !stays && trace.root().is_none() {
                cut.push((*id, trace.lost + trace.len() as u64));
            }
            stays
        });
        for (id, lost) in cut {
            self.remember_cut(id, lost);
        }
        // The table of a burst of small traces would stay for ever.
        self.by_id.shrink_to(2 * self.by_id.len());
        self.bytes = bytes;
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::KeyValue;

    use super::Ring;
    use crate::clock::{Clock, Monotonic};
    use crate::id::SpanIds;
    use crate::outcome::Outcome;
    use crate::packed_attributes::PackedAttributes;
    use crate::span::{Origin, SpanError, SpanRecord};
    use crate::workflow_attributes::WorkflowAttributes;
    use crate::workflow_name::WorkflowName;

    /// A span of a trace that takes this long, with an attribute of this many bytes.
    fn span(ids: SpanIds, milliseconds: u64, bytes: usize) -> SpanRecord {
        let attributes: PackedAttributes = [KeyValue::new("text", "x".repeat(bytes))].into_iter().collect();
        let mut span = SpanRecord::new(Origin::Foreign("step".into()), ids, SpanIds::NONE, attributes);
        (span.end, span.outcome) = (Monotonic(milliseconds * 1_000_000), Some(Outcome::Success));
        span
    }

    fn root() -> SpanIds {
        SpanIds::root(|_| true)
    }

    fn add(ring: &Ring, span: &SpanRecord) {
        ring.add(span, Clock::System.anchor());
    }

    #[test]
    fn after_a_million_spans_the_ring_takes_four_mebibytes_at_most() {
        const LIMIT: usize = 4 << 20;
        let ring = Ring::new(LIMIT);
        let random = &mut fastrand::Rng::with_seed(18);
        let mut ids = root();
        let mut most = 0;
        for number in 0..1_000_000 {
            if random.u32(..).is_multiple_of(7) {
                ids = root();
            }
            let mut span = span(ids.child(), random.u64(1..1_000), random.usize(..400));
            span.parent = ids.into();
            if number % 50 == 0 {
                span.outcome = Some(Outcome::Failure);
                let message = Some("m".repeat(random.usize(..200)));
                span.error = Some(Box::new(SpanError { kind: "E".into(), message, is_origin: true }));
            }
            if number % 3 == 0 {
                let name = format!("workflow {}", number % 100);
                let workflow = WorkflowAttributes {
                    workflow_name: Some(WorkflowName::Given(name.into())),
                    ..WorkflowAttributes::default()
                };
                span.workflow = Some(workflow.into());
            }
            add(&ring, &span);
            if number % 10_007 == 0 {
                let reading = ring.read();
                let counted: usize = reading.traces.iter().map(|trace| trace.counted_bytes()).sum();
                assert_eq!(reading.bytes, counted, "the sum is that of the traces");
                most = most.max(counted);
            }
        }
        assert!((LIMIT / 2..=LIMIT).contains(&most), "{most} bytes");
        assert_eq!(ring.read().position, 1_000_000);
    }

    #[test]
    fn failed_slow_and_dear_traces_stay_longest() {
        let ring = Ring::new(1 << 20);
        let (failed, slow, dear, usual) = (root(), root(), root(), root());
        add(&ring, &SpanRecord { outcome: Some(Outcome::Timeout), ..span(failed, 5, 100) });
        add(&ring, &span(slow, 60_000, 100));
        let mut costs = span(dear, 5, 100);
        costs.set(KeyValue::new("llm.cost_usd", 0.25));
        add(&ring, &costs);
        add(&ring, &span(usual, 5, 100));
        for _ in 0..20_000 {
            add(&ring, &span(root(), 5, 100));
        }
        let reading = ring.read();
        let is_kept = [failed, slow, dear, usual].map(|ids| ring.get(ids.trace_id()).is_some());
        assert_eq!(is_kept, [true, true, true, false]);
        let latest = reading.traces.iter().filter(|trace| trace.changed > 20_004 - 500).count();
        assert_eq!(latest, 500, "the latest ones are there");
    }

    #[test]
    fn a_running_trace_that_gave_way_counts_what_went_with_it() {
        let ring = Ring::new(64 << 10);
        let early = root();
        (0..3).for_each(|_| add(&ring, &SpanRecord { parent: early.into(), ..span(early.child(), 1, 100) }));
        (0..1_000).for_each(|_| add(&ring, &span(root(), 1, 100)));
        assert!(ring.get(early.trace_id()).is_none(), "it gave way");
        add(&ring, &span(early, 5, 100));
        let trace = ring.get(early.trace_id()).expect("its root ended last");
        assert_eq!((trace.len(), trace.lost), (1, 3));
    }

    #[test]
    fn a_request_reads_on_while_spans_are_added() {
        let ring = Ring::new(64 << 10);
        let ids = root();
        add(&ring, &span(ids.child(), 1, 100));
        let (before, trace) = (ring.read(), ring.get(ids.trace_id()).expect("it is kept"));
        for _ in 0..1_000 {
            add(&ring, &SpanRecord { parent: ids.into(), ..span(ids.child(), 1, 100) });
            add(&ring, &span(root(), 1, 100));
        }
        assert_eq!((before.traces.len(), before.position, trace.len()), (1, 1, 1));
        let after = ring.read();
        assert_eq!(after.position, 2_001);
        assert!(after.bytes <= 64 << 10);
        assert_eq!(after.bytes, after.traces.iter().map(|trace| trace.counted_bytes()).sum::<usize>());
    }

    #[test]
    fn a_large_running_trace_stays_while_others_come_and_go() {
        let ring = Ring::new(256 << 10);
        let large = root();
        let mut added = 0;
        for number in 0..20_000 {
            if number % 20 == 0 {
                add(&ring, &SpanRecord { parent: large.into(), ..span(large.child(), 1, 100) });
                added += 1;
            }
            add(&ring, &span(root(), 1, 100));
        }
        let reading = ring.read();
        let trace = ring.get(large.trace_id()).expect("it is kept");
        assert!(trace.bytes() > 30 << 10, "{} bytes", trace.bytes());
        assert_eq!(trace.len() as u64 + trace.lost, added);
        let latest = reading.traces.iter().filter(|trace| trace.changed > reading.position - 200).count();
        assert!(latest > 180, "{latest} of the latest traces are there");
    }

    #[test]
    fn one_trace_takes_three_sixteenths_of_the_ring_at_most_and_counts_what_it_lost() {
        let ring = Ring::new(64 << 10);
        let ids = root();
        add(&ring, &span(root(), 1, 100));
        for _ in 0..1_000 {
            add(&ring, &SpanRecord { parent: ids.into(), ..span(ids.child(), 1, 100) });
        }
        let reading = ring.read();
        let trace = ring.get(ids.trace_id()).expect("it is kept");
        assert!(trace.bytes() <= 12 << 10);
        assert_eq!(trace.len() as u64 + trace.lost, 1_000);
        assert_eq!(reading.traces.len(), 2, "the other one stays");
    }
}
