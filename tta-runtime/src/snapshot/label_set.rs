//! The labels of one series: names and values.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// A name or a value.
type Text = Cow<'static, str>;

/// The labels of one series, in their order.
///
/// Those of a recorded series are borrowed from its metric and from its cell's place: a scrape of many series copies none of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct LabelSet {
    recorded: Option<Recorded>,
    others: Vec<(Text, Text)>,
}

#[derive(Clone, Copy, Debug)]
struct Recorded {
    names: &'static [&'static str],
    values: &'static [Box<str>],
}

impl LabelSet {
    /// Creates the labels of a recorded series.
    pub(crate) fn recorded(names: &'static [&'static str], values: &'static [Box<str>]) -> Self {
        Self { recorded: Some(Recorded { names, values }), others: Vec::new() }
    }

    /// Iterates over the names and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let recorded = self.recorded.iter().flat_map(|of| of.names.iter().copied().zip(of.values.iter().map(|v| &**v)));
        recorded.chain(self.others.iter().map(|(name, value)| (&**name, &**value)))
    }

    /// Iterates over copies of the names and values, which borrow what lives as long as the program.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (Text, Text)> {
        let recorded = self.recorded.into_iter().flat_map(|Recorded { names, values }| {
            names.iter().zip(values).map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(&**value)))
        });
        recorded.chain(self.others.iter().cloned())
    }
}

impl FromIterator<(Text, Text)> for LabelSet {
    fn from_iter<I: IntoIterator<Item = (Text, Text)>>(labels: I) -> Self {
        Self { recorded: None, others: labels.into_iter().collect() }
    }
}

impl LabelSet {
    /// Returns the values of two recorded series that have the same labels: what they differ in.
    fn values_with(&self, other: &Self) -> Option<[&'static [Box<str>]; 2]> {
        let (one, two) = (self.recorded?, other.recorded?);
        let are_all = self.others.is_empty() && other.others.is_empty() && one.values.len() == two.values.len();
        (are_all && (std::ptr::eq(one.names, two.names) || one.names == two.names)).then_some([one.values, two.values])
    }
}

impl PartialEq for LabelSet {
    fn eq(&self, other: &Self) -> bool {
        match self.values_with(other) {
            // The same series often meets itself.
            Some([one, two]) => std::ptr::eq(one, two) || one == two,
            None => self.iter().eq(other.iter()),
        }
    }
}

impl Eq for LabelSet {}

impl PartialOrd for LabelSet {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for LabelSet {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.values_with(other) {
            // Names are equal, so that the values decide.
            Some([one, two]) => one.cmp(two),
            None => self.iter().cmp(other.iter()),
        }
    }
}

impl Hash for LabelSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.iter().for_each(|label| label.hash(state));
    }
}

#[cfg(test)]
mod tests {
    use super::LabelSet;

    #[test]
    fn labels_are_compared_by_their_texts_whoever_owns_them() {
        let values = Box::leak(Box::new(["openai".into(), "gpt".into()]));
        let recorded = LabelSet::recorded(&["provider", "model"], values);
        let made: LabelSet =
            [("provider".into(), "openai".into()), ("model".into(), "gpt".into())].into_iter().collect();
        let more: LabelSet = made.texts().chain([("tier".into(), "fast".into())]).collect();
        assert_eq!(recorded, made);
        assert_eq!(recorded.texts().collect::<Vec<_>>(), made.texts().collect::<Vec<_>>());
        assert!(recorded < more && made < more);
        let sets = std::collections::HashSet::from([recorded, made, more]);
        assert_eq!(sets.len(), 2);
    }
}
