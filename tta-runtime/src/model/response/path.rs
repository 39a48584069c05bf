//! Paths in a body: `usage.input_tokens`, `choices.[].finish_reason`, `details.[ttl=1h].tokens`.

use super::body_parts::Node;
use super::keys::Key;

/// The steps from a value to the values at a path. No steps lead to the value itself.
#[derive(Debug)]
pub(super) struct Path(Box<[Step]>);

#[derive(Debug)]
enum Step {
    Field(Key),
    /// All items of a list.
    Items,
    /// The items of a list whose field has this text.
    ItemsWith(Key, &'static str),
}

impl Path {
    /// Parses a path. A step is a key, `[]` for all items of a list, or `[key=text]` for the items whose `key` has this text.
    pub(super) fn new(path: &'static str) -> Self {
        let step = |step: &'static str| match step.strip_prefix('[').and_then(|step| step.strip_suffix(']')) {
            None => Step::Field(Key::of_path(step)),
            Some(filter) => match filter.split_once('=') {
                Some((key, text)) => Step::ItemsWith(Key::of_path(key), text),
                None => Step::Items,
            },
        };
        Self(path.split('.').filter(|step| !step.is_empty()).map(step).collect())
    }

    /// Returns the key that a value must have for anything to stand at the path; `None` if it begins with no key.
    pub(super) fn first_key(&self) -> Option<Key> {
        match self.0.first() {
            Some(Step::Field(key)) => Some(*key),
            _ => None,
        }
    }

    /// Calls `found` with each value at the path.
    pub(super) fn each<'n, 'a>(&self, value: &'n Node<'a>, found: &mut dyn FnMut(&'n Node<'a>)) {
        each(value, &self.0, found);
    }

    /// Returns the first value at the path.
    pub(super) fn first<'n, 'a>(&self, value: &'n Node<'a>) -> Option<&'n Node<'a>> {
        let (value, rest) = walk(value, &self.0)?;
        if rest.is_empty() {
            return Some(value);
        }
        let mut first = None;
        each(value, rest, &mut |value| {
            first.get_or_insert(value);
        });
        first
    }
}

/// Follows the fields with which the steps begin; returns the value there with the other steps.
fn walk<'n, 'a, 's>(mut value: &'n Node<'a>, steps: &'s [Step]) -> Option<(&'n Node<'a>, &'s [Step])> {
    let mut rest = steps;
    while let [Step::Field(key), others @ ..] = rest {
        value = value.get(*key)?;
        rest = others;
    }
    Some((value, rest))
}

fn each<'n, 'a>(value: &'n Node<'a>, steps: &[Step], found: &mut dyn FnMut(&'n Node<'a>)) {
    let Some((value, rest)) = walk(value, steps) else { return };
    let Some((step, rest)) = rest.split_first() else { return found(value) };
    let is_chosen = |item: &&Node<'_>| match step {
        Step::Field(_) | Step::Items => true,
        Step::ItemsWith(key, text) => item.get(*key).and_then(Node::as_str) == Some(*text),
    };
    value.items().iter().filter(is_chosen).for_each(|item| each(item, rest, found));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Path;
    use crate::model::response::body_parts::Node;

    #[test]
    fn steps_traverse_objects_and_lists() {
        let body = json!({ "cacheDetails": [
            { "ttl": "5m", "inputTokens": 1 }, { "ttl": "1h", "inputTokens": 2 }, 7, { "inputTokens": 3 },
        ] });
        let body = Node::of(&body);
        let at = |path| {
            let mut found = Vec::new();
            Path::new(path).each(&body, &mut |value| found.push(value.as_u64().unwrap()));
            assert_eq!(Path::new(path).first(&body).and_then(Node::as_u64), found.first().copied());
            found
        };
        assert_eq!(at("cacheDetails.[].inputTokens"), [1, 2, 3]);
        assert_eq!(at("cacheDetails.[ttl=1h].inputTokens"), [2]);
        assert!(at("cacheDetails.inputTokens").is_empty());
        assert!(at("cacheDetails.[].inputTokens.ttl").is_empty());
        assert!(std::ptr::eq(Path::new("").first(&body).unwrap(), &raw const body));
    }
}
