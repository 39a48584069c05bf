//! `map`: the primitives that were called, and who calls whom.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::Source;
use super::length::Room;
use super::row::label;
use crate::metric::Cells;
use crate::page::history::{History, Primitive, address, judged};
use crate::page::number::{Decimal, ratio};
use crate::page::ring::Ring;
use crate::schema::Id;
use crate::snapshot::{SiteReading, Snapshot};

#[derive(Serialize)]
pub(super) struct Map {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    left_out_nodes: usize,
    left_out_edges: usize,
}

#[derive(Serialize)]
struct Node {
    name: String,
    primitive_type: String,
    calls_per_second: f64,
    /// `None` for a block, which has no calls of its own, and for a function whose calls of the last minutes are not known.
    error_ratio: Option<f64>,
    p95_seconds: Option<f64>,
    cost_nano_usd: Decimal,
    #[serde(skip)]
    calls: u64,
    /// The calls of the last minutes that are judged, and those that are bad.
    #[serde(skip)]
    judged: Option<[u64; 2]>,
}

#[derive(Serialize)]
struct Edge {
    source: String,
    target: String,
    connection_type: String,
    calls: u64,
    calls_per_second: f64,
}

/// The most nodes of an answer.
const MOST: usize = 500;

/// The metrics that tell the type of a block by its name.
const BLOCKS: [(Id, &str); 6] = [
    (Id::RetryAttempts, "retry"),
    (Id::Timeouts, "timeout"),
    (Id::CircuitBreakerCalls, "circuit_breaker"),
    (Id::CacheOperations, "cache"),
    (Id::Fallbacks, "fallback"),
    (Id::RouterDecisions, "router"),
];

pub(super) fn map(source: &Source, ring: &Ring, history: &History, snapshot: &Snapshot) -> Map {
    let edges = edges(source, history);
    let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
    for site in snapshot.sites().iter().filter(|site| site.started() > 0) {
        let of_site = node(site, source, history);
        match nodes.get_mut(site.constants.name) {
            None => drop(nodes.insert(site.constants.name.to_owned(), of_site)),
            Some(node) => node.add(&of_site),
        }
    }
    let called: HashSet<_> = snapshot.sites().iter().map(|site| site.constants.name).collect();
    let types = block_types(snapshot);
    let mut seen = None;
    for edge in &edges {
        for name in [&edge.source, &edge.target] {
            let block = nodes.entry(name.clone()).or_insert_with(|| Node {
                name: name.clone(),
                primitive_type: match types.get(name) {
                    Some(known) => (*known).to_owned(),
                    None => seen.get_or_insert_with(|| types_of_spans(ring)).get(name).cloned().unwrap_or_default(),
                },
                calls_per_second: 0.0,
                error_ratio: None,
                p95_seconds: None,
                cost_nano_usd: Decimal(0),
                calls: 0,
                judged: None,
            });
            // A block has no durations of its own; the edges to it say how often it is called.
            if *name == edge.target && !called.contains(&**name) {
                block.calls += edge.calls;
                block.calls_per_second += edge.calls_per_second;
            }
        }
    }
    bounded(nodes.into_values().collect(), edges)
}

/// Keeps the nodes with the most calls, and the edges between them with the most calls, as far as an answer has room.
fn bounded(mut nodes: Vec<Node>, mut edges: Vec<Edge>) -> Map {
    let (all_nodes, all_edges) = (nodes.len(), edges.len());
    if all_nodes > MOST {
        nodes.sort_by_key(|node| std::cmp::Reverse(node.calls));
        nodes.truncate(MOST);
    }
    let mut room = Room::new();
    let (nodes, _) = room.rows(nodes.into_iter());
    let left_out_nodes = all_nodes - nodes.len();
    if left_out_nodes > 0 {
        let shown: HashSet<_> = nodes.iter().map(|node| &*node.name).collect();
        edges.retain(|edge| shown.contains(&*edge.source) && shown.contains(&*edge.target));
    }
    edges.sort_by_key(|edge| std::cmp::Reverse(edge.calls));
    let (mut edges, _) = room.rows(edges.into_iter());
    edges.sort_by(|a, b| a.ends().cmp(&b.ends()));
    Map { left_out_edges: all_edges - edges.len(), nodes, edges, left_out_nodes }
}

impl Edge {
    /// Returns what no other edge has.
    fn ends(&self) -> [&str; 3] {
        [&self.source, &self.target, &self.connection_type]
    }
}

impl Node {
    /// Adds another function of the same name.
    fn add(&mut self, other: &Self) {
        self.judged = self.judged.zip(other.judged).map(|([all, bad], [more, more_bad])| [all + more, bad + more_bad]);
        self.error_ratio = self.judged.map(|[all, bad]| ratio(bad, all));
        self.calls_per_second += other.calls_per_second;
        self.p95_seconds = self.p95_seconds.into_iter().chain(other.p95_seconds).reduce(f64::max);
        self.cost_nano_usd = Decimal(self.cost_nano_usd.0.saturating_add(other.cost_nano_usd.0));
        self.calls += other.calls;
    }
}

fn node(site: &SiteReading, source: &Source, history: &History) -> Node {
    let now = source.recorder.clock.now();
    let [p95] = site.cells.durations.quantiles([0.95]);
    let ended = site.ended_in_all();
    let before = history.minutes.before(now, 5);
    let before = before.map_or_else(|| Some(Primitive::default()), |minute| minute.primitive(site.constants));
    let judged = before.map(|before| judged(Primitive::of(site).since(&before).ended));
    Node {
        name: site.constants.name.to_owned(),
        primitive_type: site.constants.primitive_type.to_owned(),
        calls_per_second: site.cells.rate.per_second(now, ended),
        error_ratio: judged.map(|[all, bad]| ratio(bad, all)),
        p95_seconds: Some(p95),
        cost_nano_usd: Decimal(site.cells.model.as_ref().map_or(0, |model| model.cost.value())),
        calls: site.started(),
        judged,
    }
}

fn edges(source: &Source, history: &History) -> Vec<Edge> {
    let Some(Cells::Counter(family)) = source.recorder.series(Id::Connections).map(|series| &series.cells) else {
        return Vec::new();
    };
    let now = source.recorder.clock.now();
    let edges = family.iter().filter_map(|(values, counter)| {
        let [from, to, connection] = values else { return None };
        let calls = counter.value();
        (calls > 0).then(|| Edge {
            source: from.to_string(),
            target: to.to_string(),
            connection_type: connection.to_string(),
            calls,
            calls_per_second: history.samples.edge_rate(now, address(values), calls),
        })
    });
    edges.collect()
}

fn block_types(snapshot: &Snapshot) -> BTreeMap<String, &'static str> {
    let of = |(id, name): (Id, &'static str)| {
        let rows = snapshot.rows(id).series.iter();
        rows.map(move |row| (label(row, "primitive_name").to_owned(), name)).collect::<Vec<_>>()
    };
    BLOCKS.into_iter().flat_map(of).collect()
}

/// Returns the types of blocks that no metric names, as the kept spans have them.
fn types_of_spans(ring: &Ring) -> BTreeMap<String, String> {
    let reading = ring.read();
    let spans = reading.traces.iter().flat_map(|trace| trace.spans());
    let named = spans.filter_map(|span| Some((span.primitive()?.into_owned(), span.primitive_type()?.into_owned())));
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::super::length::LONGEST;
    use super::{Edge, MOST, Node, bounded};
    use crate::page::number::Decimal;

    fn node(name: &str, calls: u64) -> Node {
        Node {
            name: name.to_owned(),
            primitive_type: "tool".to_owned(),
            calls_per_second: 0.0,
            error_ratio: None,
            p95_seconds: None,
            cost_nano_usd: Decimal(0),
            calls,
            judged: None,
        }
    }

    fn edge(source: &str, target: &str, calls: u64) -> Edge {
        let connection_type = "call".to_owned();
        Edge { source: source.to_owned(), target: target.to_owned(), connection_type, calls, calls_per_second: 0.0 }
    }

    #[test]
    fn the_connections_with_the_most_calls_stay_in_an_answer_that_is_full() {
        let name = |number: usize| format!("{number:04}{}", "n".repeat(200));
        let nodes = (0..MOST + 10).map(|number| node(&name(number), 10_000 - number as u64));
        let pairs = (0..MOST + 10).flat_map(|source| (0..100).map(move |target| (source, target)));
        let edges = pairs.map(|(source, target)| edge(&name(source), &name(target), (source * 100 + target) as u64));
        let map = bounded(nodes.collect(), edges.collect());
        let bytes = serde_json::to_vec(&map).expect("it is JSON").len();
        assert!((LONGEST - (80 << 10)..=LONGEST).contains(&bytes), "{bytes}");
        assert_eq!((map.nodes.len(), map.left_out_nodes), (MOST, 10));
        assert_eq!(map.edges.len() + map.left_out_edges, (MOST + 10) * 100);
        // Those between nodes that are there have up to 100 × `MOST` calls.
        let least = map.edges.iter().map(|edge| edge.calls).min();
        assert_eq!(least, Some(100 * MOST as u64 - map.edges.len() as u64));
        assert!(map.edges.is_sorted_by(|a, b| a.ends() < b.ends()));
    }
}
