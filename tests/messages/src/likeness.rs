//! How much the first error about an annotated function is like that about the bare one.

use std::fmt::{self, Display, Formatter};

use crate::report::Report;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    /// Code, text, span and labels are equal.
    Equal,
    /// The labels differ.
    SpanAndText,
    Other,
}

impl Display for Likeness {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Equal => "equal",
            Self::SpanAndText => "same span and text",
            Self::Other => "other",
        })
    }
}

pub(crate) fn compare(bare: &Report, annotated: &Report) -> Likeness {
    match (bare.first(), annotated.first()) {
        (Some(bare), Some(annotated)) if bare == annotated => Likeness::Equal,
        (Some(bare), Some(annotated))
            if (&bare.code, &bare.text, &bare.spans) == (&annotated.code, &annotated.text, &annotated.spans) =>
        {
            Likeness::SpanAndText
        }
        _ => Likeness::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Error;

    fn error(text: &str, span: &str, label: &str) -> Error {
        Error {
            code: "E0308".to_owned(),
            text: text.to_owned(),
            spans: vec![span.to_owned()],
            labels: vec![label.to_owned()],
        }
    }

    #[test]
    fn the_first_error_decides() {
        let report = |errors| Report { errors, names_an_internal: false };
        let bare = report(vec![error("mismatched types", "1:2", "expected")]);
        let cases = [
            (report(vec![error("mismatched types", "1:2", "expected"), error("other", "", "")]), Likeness::Equal),
            (report(vec![error("mismatched types", "1:2", "found")]), Likeness::SpanAndText),
            (report(vec![error("mismatched types", "1:3", "expected")]), Likeness::Other),
            (
                report(vec![error("other", "1:2", "expected"), error("mismatched types", "1:2", "expected")]),
                Likeness::Other,
            ),
            (report(vec![]), Likeness::Other),
        ];
        for (annotated, expected) in cases {
            assert_eq!(compare(&bare, &annotated), expected);
        }
    }
}
