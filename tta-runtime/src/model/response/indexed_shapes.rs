//! The shapes with the first key of each path: what an object has no key for is not looked for in it.

use std::sync::LazyLock;

use serde_json::Value;

use super::keys::position_of_key;
use super::shapes::{Row, SHAPES, Shape};

/// A shape, and the first keys of its paths in the same order.
pub(super) struct IndexedShape {
    pub(super) shape: &'static Shape,
    objects: Vec<FirstKey>,
    own: Vec<Vec<FirstKey>>,
    others: Vec<Vec<FirstKey>>,
}

/// The position of the first key of a path, `None` if the path begins with no key.
type FirstKey = Option<u16>;

/// All shapes.
pub(super) static INDEXED_SHAPES: LazyLock<Vec<IndexedShape>> =
    LazyLock::new(|| SHAPES.iter().map(IndexedShape::new).collect());

/// The keys of usage that an object has.
#[derive(Clone, Debug, Default)]
pub(super) struct KeySet([u64; WORDS]);

/// Enough for 512 keys.
const WORDS: usize = 8;

impl KeySet {
    /// Returns the keys of an object; none for any other value.
    pub(super) fn of(value: &Value) -> Self {
        let mut keys = Self::default();
        for key in value.as_object().into_iter().flat_map(|fields| fields.keys()) {
            if let Some(position) = position_of_key(key)
                && let Some(word) = keys.0.get_mut(usize::from(position / 64))
            {
                *word |= 1 << (position % 64);
            }
        }
        keys
    }

    /// Returns whether something may stand at a path with this first key.
    fn may_have(&self, first: FirstKey) -> bool {
        let Some(position) = first else { return true };
        // A key beyond the words is looked for in the object itself.
        self.0.get(usize::from(position / 64)).is_none_or(|word| word >> (position % 64) & 1 == 1)
    }
}

impl IndexedShape {
    fn new(shape: &'static Shape) -> Self {
        let first_of = |path: &&'static str| {
            let step = path.split('.').next()?;
            // The empty path is the value itself, and brackets select items of a list.
            if step.is_empty() || step.starts_with('[') { None } else { position_of_key(step) }
        };
        let of_row = |(_, paths): &Row| paths.iter().map(first_of).collect();
        Self {
            shape,
            objects: shape.objects.iter().map(first_of).collect(),
            own: shape.own.iter().map(of_row).collect(),
            others: shape.others.iter().copied().flatten().map(of_row).collect(),
        }
    }

    /// Returns the paths at which a part of a body with these keys may have the shape's objects.
    pub(super) fn objects<'a>(&'a self, keys: &'a KeySet) -> impl Iterator<Item = &'static str> + 'a {
        let paths = self.shape.objects.iter().zip(&self.objects);
        paths.filter(|(_, first)| keys.may_have(**first)).map(|(path, _)| *path)
    }

    /// Returns the shape's own rows that an object with these keys may have.
    pub(super) fn own<'a>(&'a self, keys: &'a KeySet) -> impl Iterator<Item = &'static Row> + 'a {
        rows(self.shape.own.iter(), &self.own, keys)
    }

    /// Returns the shape's other rows that an object with these keys may have.
    pub(super) fn others<'a>(&'a self, keys: &'a KeySet) -> impl Iterator<Item = &'static Row> + 'a {
        rows(self.shape.others.iter().copied().flatten(), &self.others, keys)
    }
}

fn rows<'a>(
    rows: impl Iterator<Item = &'static Row> + 'a,
    first: &'a [Vec<FirstKey>],
    keys: &'a KeySet,
) -> impl Iterator<Item = &'static Row> + 'a {
    let may_have = |(_, first): &(&'static Row, &Vec<FirstKey>)| first.iter().any(|first| keys.may_have(*first));
    rows.zip(first).filter(may_have).map(|(row, _)| row)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{INDEXED_SHAPES, KeySet};
    use crate::model::response::shapes::Row;

    #[test]
    fn rows_are_looked_for_where_the_object_has_a_first_key_of_theirs() {
        let keys = KeySet::of(&json!({ "prompt_tokens_details": {}, "completion_tokens": 1, "content": "text" }));
        let has_first_key = |(_, paths): &&Row| {
            paths.iter().any(|path| {
                let step = path.split('.').next().unwrap();
                step.starts_with('[') || ["prompt_tokens_details", "completion_tokens", ""].contains(&step)
            })
        };
        let mut found = 0;
        for indexed in &*INDEXED_SHAPES {
            let own: Vec<_> = indexed.own(&keys).map(|row| row.1).collect();
            let others: Vec<_> = indexed.others(&keys).map(|row| row.1).collect();
            let all = indexed.shape.others.iter().copied().flatten();
            assert_eq!(own, indexed.shape.own.iter().filter(has_first_key).map(|row| row.1).collect::<Vec<_>>());
            assert_eq!(others, all.filter(has_first_key).map(|row| row.1).collect::<Vec<_>>());
            found += own.len() + others.len();
        }
        assert!(found >= 10, "{found} rows");
    }
}
