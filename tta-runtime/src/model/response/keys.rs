//! The keys of a body at which the reader of usage looks.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use super::shapes::{
    ANNOTATION, BATCH_KEY, BESIDES_INPUT, CHOICES, COSTS, ENVELOPES, FINISH_REASONS, GROUNDING, IDS, IN_INPUT,
    INCLUDES_CACHED, INFERENCE_GEO, ITERATIONS, KIND, MODELS, PAYS_UPSTREAM, Row, SEARCH_ACTION, SERVICE_TIERS, SHAPES,
    SPEED, TOOL_CALLS, UPSTREAM_COST,
};

/// A key at which usage, or what is read with it, may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(u16);

impl Key {
    /// Returns the key with this name; `None` for any other name.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        KEYS.get(name).copied()
    }

    /// Returns a key of the paths from which the keys are made.
    pub(super) fn of_path(name: &str) -> Self {
        Self::named(name.as_bytes()).unwrap_or(Self::IN_NO_BODY)
    }

    const IN_NO_BODY: Self = Self(u16::MAX);
}

/// Returns whether the usage, or what is read with it, may stand at this key of a body.
pub(in crate::model) fn is_key_of_usage(key: &str) -> bool {
    Key::named(key.as_bytes()).is_some()
}

/// The hash need not be random: the names in the table are these, whatever a body has.
static KEYS: LazyLock<HashMap<&[u8], Key, FixedState>> = LazyLock::new(|| {
    let keys: BTreeSet<_> = paths().into_iter().flat_map(keys).map(str::as_bytes).collect();
    keys.into_iter().zip((0..).map(Key)).collect()
});

/// A set of keys.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeySet([u64; WORDS]);

/// Enough for 320 keys.
const WORDS: usize = 5;

impl KeySet {
    pub(super) fn insert(&mut self, Key(position): Key) {
        if let Some(word) = self.0.get_mut(usize::from(position / 64)) {
            *word |= 1 << (position % 64);
        }
    }

    pub(super) fn contains(&self, Key(position): Key) -> bool {
        self.0.get(usize::from(position / 64)).is_some_and(|word| word >> (position % 64) & 1 == 1)
    }
}

impl FromIterator<Key> for KeySet {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        let mut set = Self::default();
        keys.into_iter().for_each(|key| set.insert(key));
        set
    }
}

fn paths() -> Vec<&'static str> {
    let mut paths = vec![
        ANNOTATION,
        BATCH_KEY,
        CHOICES,
        GROUNDING,
        INFERENCE_GEO,
        ITERATIONS,
        KIND,
        PAYS_UPSTREAM,
        SEARCH_ACTION,
        SPEED,
        UPSTREAM_COST,
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

#[cfg(test)]
mod tests {
    use super::{KEYS, WORDS};

    #[test]
    fn each_key_has_a_place_in_a_set() {
        assert!((100..=WORDS * 64).contains(&KEYS.len()), "{} keys", KEYS.len());
    }
}
