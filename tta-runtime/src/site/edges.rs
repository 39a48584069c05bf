//! The edges of the service map that lead to one function, found without a look-up by names.

use std::sync::OnceLock;

use crate::metric::Counter;

/// The counters of the edges to one function, by the caller and the way in which it connects.
///
/// Most functions have few callers. The edges beyond the first few are looked up by their names for each call.
pub(crate) struct Edges(OnceLock<Box<[OnceLock<Edge>; MOST]>>);

/// The most edges that are remembered.
const MOST: usize = 8;

struct Edge {
    caller: &'static str,
    connection: &'static str,
    counter: &'static Counter,
}

impl Edges {
    pub(super) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Returns the counter of a remembered edge.
    #[inline]
    pub(crate) fn get(&self, caller: &'static str, connection: &'static str) -> Option<&'static Counter> {
        let known = self.0.get()?.iter().map_while(OnceLock::get);
        known.filter(|edge| edge.is(caller, connection)).map(|edge| edge.counter).next()
    }

    /// Remembers the counter of an edge, while there is room for it.
    #[cold]
    pub(crate) fn remember(&self, caller: &'static str, connection: &'static str, counter: &'static Counter) {
        let edges = self.0.get_or_init(|| Box::new([const { OnceLock::new() }; MOST]));
        for place in edges.iter() {
            // Another thread may take the free place first, even with the same edge.
            if place.get_or_init(|| Edge { caller, connection, counter }).is(caller, connection) {
                return;
            }
        }
    }
}

impl Edge {
    /// Returns whether this is the edge. Names are those of call sites and blocks, which live as long as the program: their
    /// addresses are compared, not their texts.
    #[inline]
    fn is(&self, caller: &'static str, connection: &'static str) -> bool {
        std::ptr::eq(self.caller, caller) && std::ptr::eq(self.connection, connection)
    }
}

#[cfg(test)]
mod tests {
    use super::{Edges, MOST};
    use crate::metric::Counter;

    #[test]
    fn the_first_edges_are_remembered_and_no_other_edge_has_their_counter() {
        let edges = Edges::new();
        let callers: Vec<&'static str> = (0..=MOST).map(|n| &*n.to_string().leak()).collect();
        assert!(edges.get("0", "call").is_none());
        for &caller in &callers {
            edges.remember(caller, "call", Box::leak(Box::new(Counter::new())));
        }
        for (&caller, n) in callers.iter().zip(1..) {
            edges.get(caller, "call").into_iter().for_each(|counter| counter.add(n));
            assert!(edges.get(caller, "retry").is_none());
        }
        let counts: Vec<_> = callers.iter().map(|caller| edges.get(caller, "call").map(Counter::value)).collect();
        let expected = (1..=MOST as u64).map(Some).chain([None]);
        assert_eq!(counts, expected.collect::<Vec<_>>());
    }
}
