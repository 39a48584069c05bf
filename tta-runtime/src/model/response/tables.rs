//! The tables of `shapes.rs` with their paths parsed: what an object has no key for is not looked for in it.

use std::sync::LazyLock;

use super::keys::{Key, KeySet};
use super::path::Path;
use super::shapes::{
    ANNOTATION, BATCH_KEY, BESIDES_INPUT, BILLED_UNITS, CHOICES, COSTS, Count, ENVELOPES, FINISH_REASONS, GROUNDING,
    IDS, IN_INPUT, INCLUDES_CACHED, INFERENCE_GEO, ITERATIONS, Inclusion, KIND, LENGTH, MODELS, PAYS_UPSTREAM, Row,
    SEARCH_ACTION, SERVICE_TIERS, SHAPES, SPEED, Shape, TOOL_CALLS, UPSTREAM_COST,
};

/// All tables.
pub(super) static TABLES: LazyLock<Tables> = LazyLock::new(Tables::new);

pub(super) struct Tables {
    pub(super) shapes: Vec<ParsedShape>,
    pub(super) besides_input: Vec<ParsedRow>,
    pub(super) in_input: Vec<ParsedRow>,
    pub(super) includes_cached: Vec<Path>,
    pub(super) iterations: Key,
    pub(super) kind: Key,
    pub(super) envelopes: Vec<Key>,
    pub(super) choices: Key,
    pub(super) batch_key: Key,
    pub(super) tool_calls: Vec<(Path, Count)>,
    pub(super) search_action: Path,
    pub(super) grounding: Path,
    pub(super) models: Vec<Path>,
    pub(super) ids: Vec<Path>,
    pub(super) finish_reasons: Vec<Path>,
    pub(super) service_tiers: Vec<Path>,
    pub(super) speed: Path,
    pub(super) inference_geo: Path,
    pub(super) annotation: Path,
    pub(super) costs: Vec<(&'static str, Path, f64)>,
    pub(super) upstream_cost: Path,
    pub(super) pays_upstream: Path,
}

/// A shape, in whose parts is looked for what a body may have.
pub(super) struct ParsedShape {
    pub(super) providers: &'static [&'static str],
    pub(super) objects: Vec<ObjectPath>,
    pub(super) own: Vec<ParsedRow>,
    pub(super) others: Vec<ParsedRow>,
    pub(super) inclusion: Inclusion,
}

/// A path of an object with counts.
pub(super) struct ObjectPath {
    pub(super) path: Path,
    /// Whether its counts say what is paid.
    pub(super) is_billed: bool,
    first: Option<Key>,
}

/// A number in an object.
pub(super) struct ParsedRow {
    pub(super) counts: &'static [Count],
    pub(super) paths: Vec<NumberPath>,
}

/// A path that may hold a number.
pub(super) struct NumberPath {
    pub(super) path: Path,
    /// Whether the number is the length of the list at the path.
    pub(super) is_length: bool,
    first: Option<Key>,
}

/// Returns whether an object with these keys may have something at a path that begins with this one; any object may at a path that
/// begins with none.
fn may_begin(first: Option<Key>, keys: &KeySet) -> bool {
    first.is_none_or(|first| keys.contains(first))
}

impl ObjectPath {
    fn new(text: &'static str) -> Self {
        let path = Path::new(text);
        Self { is_billed: text.ends_with(BILLED_UNITS), first: path.first_key(), path }
    }

    /// Returns whether an object with these keys may have something at the path.
    pub(super) fn may_be_in(&self, keys: &KeySet) -> bool {
        may_begin(self.first, keys)
    }
}

impl NumberPath {
    fn new(text: &'static str) -> Self {
        let list = text.strip_suffix(LENGTH);
        let path = Path::new(list.unwrap_or(text));
        Self { is_length: list.is_some(), first: path.first_key(), path }
    }

    /// Returns whether an object with these keys may have the number.
    pub(super) fn may_be_in(&self, keys: &KeySet) -> bool {
        may_begin(self.first, keys)
    }
}

impl ParsedRow {
    fn new((counts, paths): &Row) -> Self {
        Self { counts, paths: paths.iter().map(|text| NumberPath::new(text)).collect() }
    }

    fn all(rows: &[Row]) -> Vec<Self> {
        rows.iter().map(Self::new).collect()
    }

    /// Returns whether an object with these keys may have the number.
    pub(super) fn may_be_in(&self, keys: &KeySet) -> bool {
        self.paths.iter().any(|number| number.may_be_in(keys))
    }
}

impl ParsedShape {
    fn new(shape: &Shape) -> Self {
        Self {
            providers: shape.providers,
            objects: shape.objects.iter().map(|path| ObjectPath::new(path)).collect(),
            own: ParsedRow::all(shape.own),
            others: shape.others.iter().flat_map(|rows| ParsedRow::all(rows)).collect(),
            inclusion: shape.inclusion,
        }
    }

    /// Returns whether an object with these keys may have one of the shape's own counts.
    pub(super) fn may_be_in(&self, keys: &KeySet) -> bool {
        self.own.iter().any(|row| row.may_be_in(keys))
    }
}

impl Tables {
    fn new() -> Self {
        let all = |paths: &[&'static str]| paths.iter().map(|path| Path::new(path)).collect();
        Self {
            shapes: SHAPES.iter().map(ParsedShape::new).collect(),
            besides_input: ParsedRow::all(BESIDES_INPUT),
            in_input: ParsedRow::all(IN_INPUT),
            includes_cached: all(INCLUDES_CACHED),
            iterations: Key::of_path(ITERATIONS),
            kind: Key::of_path(KIND),
            envelopes: ENVELOPES.iter().map(|key| Key::of_path(key)).collect(),
            choices: Key::of_path(CHOICES),
            batch_key: Key::of_path(BATCH_KEY),
            tool_calls: TOOL_CALLS.iter().map(|(path, count)| (Path::new(path), *count)).collect(),
            search_action: Path::new(SEARCH_ACTION),
            grounding: Path::new(GROUNDING),
            models: all(MODELS),
            ids: all(IDS),
            finish_reasons: all(FINISH_REASONS),
            service_tiers: all(SERVICE_TIERS),
            speed: Path::new(SPEED),
            inference_geo: Path::new(INFERENCE_GEO),
            annotation: Path::new(ANNOTATION),
            costs: COSTS.iter().map(|(provider, path, one)| (*provider, Path::new(path), *one)).collect(),
            upstream_cost: Path::new(UPSTREAM_COST),
            pays_upstream: Path::new(PAYS_UPSTREAM),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ParsedRow, TABLES};
    use crate::model::response::body_parts::Node;

    #[test]
    fn rows_are_looked_for_where_the_object_has_a_first_key_of_theirs() {
        let object = json!({ "prompt_tokens_details": {}, "completion_tokens": 1, "content": "text" });
        let object = Node::of(&object);
        let mut counts = [0, 0];
        for row in TABLES.shapes.iter().flat_map(|shape| shape.own.iter().chain(&shape.others)) {
            let begins_in = |row: &ParsedRow| {
                let mut first = row.paths.iter().map(|number| number.path.first_key());
                first.any(|key| key.is_none_or(|key| object.get(key).is_some()))
            };
            assert_eq!(row.may_be_in(&object.keys()), begins_in(row));
            counts[usize::from(begins_in(row))] += 1;
        }
        assert!(counts.iter().all(|count| *count >= 10), "{counts:?} rows");
    }
}
