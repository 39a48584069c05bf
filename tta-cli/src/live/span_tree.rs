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

    pub(crate) fn id(&self) -> &str {
        &self.span_id
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

impl SpanTree {
    /// Orders the spans, which come in the order of their starts. A span whose parent is missing is a root; a circle of parents is cut
    /// before its first span.
    pub(crate) fn new(spans: Vec<TracedSpan>) -> Self {
        let places: HashMap<_, _> =
            spans.iter().enumerate().map(|(place, span)| (span.span_id.clone(), place)).collect();
        let parents: Vec<_> =
            spans.iter().map(|span| span.parent_id.as_ref().and_then(|parent| places.get(parent).copied())).collect();
        let (mut children, mut roots) = (vec![Vec::new(); spans.len()], Vec::new());
        for (place, parent) in parents.iter().enumerate() {
            match parent {
                Some(parent) => children[*parent].push(place),
                None => roots.push(place),
            }
        }
        let mut tree = Self { spans, children, roots };
        let mut is_reached = vec![false; tree.spans.len()];
        tree.walk_from(&tree.roots, &mut |_, place| is_reached[place] = true);
        for (place, parent) in parents.iter().enumerate() {
            if let (false, Some(parent)) = (is_reached[place], parent) {
                tree.children[*parent].retain(|child| *child != place);
                tree.roots.push(place);
                tree.walk_from(&[place], &mut |_, place| is_reached[place] = true);
            }
        }
        tree
    }

    /// Passes each span on with its depth, parents first.
    pub(crate) fn walk(&self, visit: &mut impl FnMut(usize, &TracedSpan)) {
        self.walk_from(&self.roots, &mut |depth, place| visit(depth, &self.spans[place]));
    }

    /// Works without recursion: a chain of calls may be as long as the trace.
    fn walk_from(&self, roots: &[usize], visit: &mut impl FnMut(usize, usize)) {
        let mut stack: Vec<_> = roots.iter().rev().map(|root| (0, *root)).collect();
        while let Some((depth, place)) = stack.pop() {
            visit(depth, place);
            stack.extend(self.children[place].iter().rev().map(|child| (depth + 1, *child)));
        }
    }

    /// Returns the time that each span has on the critical path of the first root, by its place: walking back from the end, the time
    /// belongs to the child that ended last before then, and between children to the span itself. A child that still ran when the
    /// next piece began did not hold that piece back, as in Jaeger's and the page's critical path.
    pub(crate) fn critical_path(&self) -> Vec<(usize, u64)> {
        let mut times = vec![0; self.spans.len()];
        let mut steps: Vec<_> = self
            .roots
            .first()
            .map(|root| (*root, self.spans[*root].start_ns, self.spans[*root].end_ns()))
            .into_iter()
            .collect();
        while let Some((place, from, last)) = steps.pop() {
            let mut cursor = last;
            let mut inside: Vec<_> = self.children[place].clone();
            inside.sort_by_key(|child| std::cmp::Reverse(self.spans[*child].end_ns()));
            for child in inside {
                let start = self.spans[child].start_ns.max(from);
                // What runs on after its parent counts up to the parent's end.
                let end = self.spans[child].end_ns().min(last);
                if end > cursor || end <= start {
                    continue;
                }
                times[place] += cursor - end;
                steps.push((child, start, end));
                cursor = start;
            }
            times[place] += cursor.saturating_sub(from);
        }
        let mut path: Vec<_> = times.into_iter().enumerate().filter(|(_, time)| *time > 0).collect();
        path.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        path
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

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

    /// The page's tests read the same cases.
    #[test]
    fn the_critical_path_is_that_of_the_page() {
        let cases: Value = serde_json::from_str(include_str!("critical_paths.json")).expect("it is JSON");
        for case in cases.as_array().expect("a list") {
            let spans = case["spans"].as_array().expect("a list").iter().map(|row| {
                let [start, end] = [2, 3].map(|place| row[place].as_u64().expect("a time"));
                span(row[0].as_str().expect("a name"), row[1].as_str(), start, end - start)
            });
            let tree = SpanTree::new(spans.collect());
            let named = tree.critical_path().into_iter().map(|(place, time)| (tree.spans[place].id().to_owned(), time));
            let mut expected = BTreeMap::new();
            for piece in case["path"].as_array().expect("a list") {
                let (id, times) =
                    piece.as_str().and_then(|piece| piece.split_once(' ')).expect("a span with its times");
                let (start, end) = times.split_once('-').expect("two times");
                let [start, end] = [start, end].map(|time| time.parse::<u64>().expect("a time"));
                *expected.entry(id.to_owned()).or_insert(0) += end - start;
            }
            assert_eq!(named.collect::<BTreeMap<_, _>>(), expected, "{}", case["fact"]);
        }
    }

    #[test]
    fn no_span_of_a_long_chain_is_left_out() {
        let id = |place: u64| place.to_string();
        let chain = (0..100_000).map(|place: u64| {
            let parent = place.checked_sub(1).map(id);
            span(&id(place), parent.as_deref(), place, 200_000 - 2 * place)
        });
        let tree = SpanTree::new(chain.collect());
        let mut depths = Vec::new();
        tree.walk(&mut |depth, _| depths.push(depth));
        assert!(depths.into_iter().eq(0..100_000));
        // Each has a nanosecond before the one inside, and one behind it.
        let path = tree.critical_path();
        assert_eq!((path.len(), path.iter().map(|(_, time)| time).sum::<u64>()), (100_000, 200_000));
    }

    #[test]
    fn spans_whose_parents_form_a_circle_are_there_once() {
        let spans = vec![
            span("root", None, 0, 10),
            span("one", Some("other"), 1, 5),
            span("other", Some("one"), 2, 3),
            span("own", Some("own"), 3, 1),
            span("inside", Some("other"), 4, 1),
        ];
        let mut rows = Vec::new();
        SpanTree::new(spans).walk(&mut |depth, span| rows.push((depth, span.id().to_owned())));
        let rows: Vec<_> = rows.iter().map(|(depth, id)| (*depth, id.as_str())).collect();
        assert_eq!(rows, [(0, "root"), (0, "one"), (1, "other"), (2, "inside"), (0, "own")]);
    }
}
