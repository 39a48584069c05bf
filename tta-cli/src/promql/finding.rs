//! A mistake in a query, in words.

use std::fmt::{self, Display};

use super::catalogue::Labels;

/// A mistake in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The text is not PromQL; holds the parser's message.
    Syntax(String),
    /// The query reads a metric that does not exist.
    UnknownMetric {
        /// The metric's name.
        name: String,
        /// The most similar known name.
        nearest: Option<String>,
    },
    /// The query names a label that its operand does not have.
    UnknownLabel {
        /// The label's name.
        label: String,
        /// The operand, in words.
        of: String,
        /// The most similar label of the operand.
        nearest: Option<String>,
    },
    /// `histogram_quantile` reads buckets without the label `le`, since an aggregation dropped it.
    MissingLe,
    /// The operands of a binary operator have different labels, so no two series match.
    LabelMismatch {
        /// Labels of the left operand only.
        left: Labels,
        /// Labels of the right operand only.
        right: Labels,
    },
}

impl Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |labels: &Labels| labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
        let nearest = match self {
            Self::Syntax(error) => return write!(formatter, "invalid query: {error}"),
            Self::UnknownMetric { name, nearest } => {
                write!(formatter, "there is no metric `{name}`")?;
                nearest
            }
            Self::UnknownLabel { label, of, nearest } => {
                write!(formatter, "{of} has no label `{label}`")?;
                nearest
            }
            Self::MissingLe => {
                return formatter
                    .write_str("`histogram_quantile` needs the buckets' bounds; add `le` to the labels that are kept");
            }
            Self::LabelMismatch { left, right } => {
                formatter.write_str("the two sides never match:")?;
                for (side, labels) in [("left", left), ("right", right)].iter().filter(|(_, labels)| !labels.is_empty())
                {
                    write!(formatter, " only the {side} one has {};", list(labels))?;
                }
                return formatter.write_str(" aggregate both by the same labels, or say which with `on (…)`");
            }
        };
        match nearest {
            Some(nearest) => write!(formatter, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}
