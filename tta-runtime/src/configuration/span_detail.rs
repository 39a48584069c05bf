//! The variable that chooses which parts of blocks have spans: `TTA_SPAN_DETAIL`.

use super::{EnvironmentError, ReadVariable};
use crate::span::SpanDetail;

/// Returns the detail that `TTA_SPAN_DETAIL` names.
pub(crate) fn span_detail(read: ReadVariable<'_>) -> Result<Option<SpanDetail>, EnvironmentError> {
    const VARIABLE: &str = "TTA_SPAN_DETAIL";
    let Some(value) = read(VARIABLE) else { return Ok(None) };
    match value.trim() {
        "full" => Ok(Some(SpanDetail::Full)),
        "low" => Ok(Some(SpanDetail::Low)),
        _ => Err(EnvironmentError { variable: VARIABLE, value, expected: "`full` or `low`" }),
    }
}

#[cfg(test)]
mod tests {
    use super::span_detail;
    use crate::span::SpanDetail;

    #[test]
    fn both_details_are_read_and_others_refused() {
        let of = |value: &'static str| span_detail(&|_| Some(value.to_owned()));
        assert_eq!(span_detail(&|_| None), Ok(None));
        let both = [Ok(Some(SpanDetail::Full)), Ok(Some(SpanDetail::Low))];
        assert_eq!(["full", " low"].map(of), both);
        let expected = "TTA_SPAN_DETAIL=`medium` cannot be used; write `full` or `low`";
        assert_eq!(of("medium").unwrap_err().to_string(), expected);
    }
}
