//! The variable that adds native histograms to `/metrics`: `TTA_NATIVE_HISTOGRAMS`.

use super::{EnvironmentError, ReadVariable};

/// Returns whether `TTA_NATIVE_HISTOGRAMS` wants native histograms.
pub(crate) fn native_histograms(read: ReadVariable<'_>) -> Result<bool, EnvironmentError> {
    const VARIABLE: &str = "TTA_NATIVE_HISTOGRAMS";
    let Some(value) = read(VARIABLE) else { return Ok(false) };
    match value.trim() {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(EnvironmentError { variable: VARIABLE, value, expected: "`true` or `false`" }),
    }
}

#[cfg(test)]
mod tests {
    use super::native_histograms;

    #[test]
    fn they_are_on_or_off_and_nothing_else() {
        let of = |value: &'static str| native_histograms(&|_| Some(value.to_owned()));
        assert_eq!(native_histograms(&|_| None), Ok(false));
        assert_eq!(["1", "true ", "0", "false"].map(of), [Ok(true), Ok(true), Ok(false), Ok(false)]);
        let expected = "TTA_NATIVE_HISTOGRAMS=`on` cannot be used; write `true` or `false`";
        assert_eq!(of("on").unwrap_err().to_string(), expected);
    }
}
