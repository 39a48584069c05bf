//! The spans of a trace as a tree, and its critical path.

use std::collections::HashMap;

use serde::Deserialize;

/// A span as the API has it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TracedSpan {
    span_id: String,
    parent_id: Option<String>,
    name: String,
    primitive: Option<String>,
    pub(crate) primitive_type: Option<String>,
    pub(crate) start_ns: u64,
    pub(crate) duration_ns: u64,
    pub(crate) outcome: Option<String>,
    pub(crate) error_type: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) input_tokens: u64,
    pub(crate) cached_input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) cost_nano_usd: Option<String>,
    pub(crate) cost_basis: Option<String>,
    pub(crate) cache_hit: Option<bool>,
    pub(crate) retry_attempt: Option<u64>,
}

impl TracedSpan {
    /// Returns the primitive's name, or the span's.
    pub(crate) fn label(&self) -> &str {
        self.primitive.as_deref().unwrap_or(&self.name)
    }

    pub(crate) fn cost(&self) -> Option<u64> {
        self.cost_nano_usd.as_deref().and_then(|nanos| nanos.parse().ok())
    }

    pub(crate) fn is_failed(&self) -> bool {
        matches!(self.outcome.as_deref(), Some("failure" | "timeout" | "panicked"))
            || (self.outcome.is_none() && self.error_type.is_some())
    }

    fn end_ns(&self) -> u64 {
        self.start_ns.saturating_add(self.duration_ns)
    }
}

/// The spans of a trace by what calls what.
pub(crate) struct SpanTree {
    pub(crate) spans: Vec<TracedSpan>,
    children: Vec<Vec<usize>>,
    roots: Vec<usize>,
}

/// The depth down to which spans are followed: deeper ones are those of a runaway recursion.
const DEEPEST: usize = 200;

impl SpanTree {
    /// Orders the spans, which come in the order of their starts.
    pub(crate) fn new(spans: Vec<TracedSpan>) -> Self {
        let places: HashMap<_, _> =
            spans.iter().enumerate().map(|(place, span)| (span.span_id.clone(), place)).collect();
        let (mut children, mut roots) = (vec![Vec::new(); spans.len()], Vec::new());
        for (place, span) in spans.iter().enumerate() {
            let parent = span.parent_id.as_ref().and_then(|parent| places.get(parent));
            match parent.filter(|parent| **parent != place) {
                Some(&parent) => children[parent].push(place),
                None => roots.push(place),
            }
        }
        Self { spans, children, roots }
    }

    /// Passes each span on with its depth, parents first.
    pub(crate) fn walk(&self, visit: &mut impl FnMut(usize, &TracedSpan)) {
        for root in &self.roots {
            self.walk_from(*root, 0, visit);
        }
    }

    fn walk_from(&self, place: usize, depth: usize, visit: &mut impl FnMut(usize, &TracedSpan)) {
        visit(depth, &self.spans[place]);
        if depth < DEEPEST {
            self.children[place].iter().for_each(|child| self.walk_from(*child, depth + 1, visit));
        }
    }

    /// Returns the time that each span has on the critical path of the first root, by its place: walking back from the end, the time
    /// belongs to the child that ended last, and between children to the span itself.
    pub(crate) fn critical_path(&self) -> Vec<(usize, u64)> {
        let mut times = vec![0; self.spans.len()];
        if let Some(root) = self.roots.first() {
            self.blame(*root, self.spans[*root].end_ns(), 0, &mut times);
        }
        let mut path: Vec<_> = times.into_iter().enumerate().filter(|(_, time)| *time > 0).collect();
        path.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        path
    }

    fn blame(&self, place: usize, until: u64, depth: usize, times: &mut [u64]) {
        let span = &self.spans[place];
        let mut cursor = until.min(span.end_ns());
        let mut inside: Vec<_> = self.children[place].clone();
        inside.sort_by_key(|child| std::cmp::Reverse(self.spans[*child].end_ns()));
        for child in inside.into_iter().filter(|_| depth < DEEPEST) {
            let (start, end) = (self.spans[child].start_ns.max(span.start_ns), self.spans[child].end_ns().min(cursor));
            if end <= start {
                continue;
            }
            times[place] += cursor - end;
            self.blame(child, end, depth + 1, times);
            cursor = start;
        }
        times[place] += cursor.saturating_sub(span.start_ns);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SpanTree, TracedSpan};

    fn span(id: &str, parent: Option<&str>, start: u64, duration: u64) -> TracedSpan {
        serde_json::from_value(json!({
            "span_id": id, "parent_id": parent, "name": id, "primitive": null, "primitive_type": null, "start_ns": start,
            "duration_ns": duration, "outcome": "success", "error_type": null, "model": null, "input_tokens": 0,
            "cached_input_tokens": 0, "output_tokens": 0, "cost_nano_usd": null, "cost_basis": null, "cache_hit": null,
            "retry_attempt": null,
        }))
        .expect("a span of the API")
    }

    #[test]
    fn the_critical_path_has_all_of_the_time_once() {
        let spans = vec![
            span("root", None, 0, 100),
            span("first", Some("root"), 10, 30),
            span("beside", Some("root"), 15, 20),
            span("last", Some("root"), 50, 40),
            span("inside", Some("last"), 60, 30),
        ];
        let tree = SpanTree::new(spans);
        let path = tree.critical_path();
        let named: Vec<_> = path.iter().map(|(place, time)| (tree.spans[*place].label(), *time)).collect();
        assert_eq!(named, [("root", 30), ("first", 30), ("inside", 30), ("last", 10)]);
    }
}
