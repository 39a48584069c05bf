//! The variable that chooses the names of spans: `TTA_SPAN_NAMES`.

use super::{EnvironmentError, ReadVariable};
use crate::span::SpanNames;

/// Returns the convention that `TTA_SPAN_NAMES` names.
pub(crate) fn span_names(read: ReadVariable<'_>) -> Result<Option<SpanNames>, EnvironmentError> {
    const VARIABLE: &str = "TTA_SPAN_NAMES";
    let Some(value) = read(VARIABLE) else { return Ok(None) };
    match value.trim() {
        "primitive" => Ok(Some(SpanNames::Primitive)),
        "conventions" => Ok(Some(SpanNames::Conventions)),
        _ => Err(EnvironmentError { variable: VARIABLE, value, expected: "`primitive` or `conventions`" }),
    }
}

#[cfg(test)]
mod tests {
    use super::span_names;
    use crate::span::SpanNames;

    #[test]
    fn both_conventions_are_read_and_others_refused() {
        let of = |value: &'static str| span_names(&|_| Some(value.to_owned()));
        assert_eq!(span_names(&|_| None), Ok(None));
        let both = [Ok(Some(SpanNames::Primitive)), Ok(Some(SpanNames::Conventions))];
        assert_eq!(["primitive", " conventions"].map(of), both);
        let expected = "TTA_SPAN_NAMES=`otel` cannot be used; write `primitive` or `conventions`";
        assert_eq!(of("otel").unwrap_err().to_string(), expected);
    }
}
