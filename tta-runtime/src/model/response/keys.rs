//! The keys of a body at which the reader of usage looks.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use foldhash::quality::RandomState;

use super::shapes::{
    ANNOTATION, BATCH_KEY, BESIDES_INPUT, COSTS, ENVELOPES, FINISH_REASONS, GROUNDING, IDS, IN_INPUT, INCLUDES_CACHED,
    INFERENCE_GEO, ITERATIONS, MODELS, PAYS_UPSTREAM, Row, SERVICE_TIERS, SHAPES, SPEED, TOOL_CALLS, UPSTREAM_COST,
};

/// Returns whether the usage, or what is read with it, may stand at this key of a body.
pub(in crate::model) fn is_key_of_usage(key: &str) -> bool {
    key_of_usage(key).is_some()
}

/// Returns a key at which the usage, or what is read with it, may stand; `None` for any other key.
pub(super) fn key_of_usage(key: &str) -> Option<&'static str> {
    KEYS.get_key_value(key).map(|(key, _)| *key)
}

/// Returns the position of a key at which usage may stand.
pub(super) fn position_of_key(key: &str) -> Option<u16> {
    KEYS.get(key).copied()
}

/// The keys, each with a position of its own.
static KEYS: LazyLock<HashMap<&str, u16, RandomState>> = LazyLock::new(|| {
    let keys: BTreeSet<_> = paths().into_iter().flat_map(keys).collect();
    keys.into_iter().zip(0..).collect()
});

fn paths() -> Vec<&'static str> {
    let mut paths = vec![
        ANNOTATION,
        BATCH_KEY,
        GROUNDING,
        INFERENCE_GEO,
        ITERATIONS,
        PAYS_UPSTREAM,
        SPEED,
        UPSTREAM_COST,
        // Read of each tool call and iteration.
        "action.type",
        "type",
    ];
    for list in [ENVELOPES, FINISH_REASONS, IDS, INCLUDES_CACHED, MODELS, SERVICE_TIERS] {
        paths.extend(list);
    }
    let of_rows = |rows: &'static [Row]| rows.iter().flat_map(|(_, paths)| paths.iter().copied());
    for shape in SHAPES {
        paths.extend(shape.objects);
        paths.extend(of_rows(shape.own));
        paths.extend(shape.others.iter().flat_map(|rows| of_rows(rows)));
    }
    paths.extend([BESIDES_INPUT, IN_INPUT].into_iter().flat_map(of_rows));
    paths.extend(TOOL_CALLS.iter().map(|(path, _)| path));
    paths.extend(COSTS.iter().map(|(_, path, _)| path));
    paths
}

/// Returns the keys of a path, those in its filters included.
fn keys(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('.').map(|step| step.trim_matches(['[', ']'])).filter_map(|step| step.split('=').next())
}
