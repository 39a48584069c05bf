//! The variable that names receivers for which spans say more: `TTA_COMPATIBILITY`.

use super::{EnvironmentError, ReadVariable};
use crate::span::Compatibility;

/// Returns the receivers that `TTA_COMPATIBILITY` names.
pub(crate) fn compatibility(read: ReadVariable<'_>) -> Result<Option<Compatibility>, EnvironmentError> {
    const VARIABLE: &str = "TTA_COMPATIBILITY";
    let Some(value) = read(VARIABLE) else { return Ok(None) };
    let mut compatibility = Compatibility::default();
    for name in value.split(',') {
        match name.trim() {
            "openinference" => compatibility.openinference = true,
            "mlflow" => compatibility.mlflow = true,
            _ => {
                let expected = "`openinference`, `mlflow`, or both with a comma between them";
                return Err(EnvironmentError { variable: VARIABLE, value, expected });
            }
        }
    }
    Ok(Some(compatibility))
}

#[cfg(test)]
mod tests {
    use super::compatibility;
    use crate::span::Compatibility;

    #[test]
    fn lists_of_receivers_are_read_and_others_refused() {
        let of = |value: &'static str| compatibility(&|_| Some(value.to_owned()));
        assert_eq!(compatibility(&|_| None), Ok(None));
        assert_eq!(of("mlflow"), Ok(Some(Compatibility { openinference: false, mlflow: true })));
        assert_eq!(of("openinference, mlflow"), Ok(Some(Compatibility { openinference: true, mlflow: true })));
        let expected = "TTA_COMPATIBILITY=`phoenix` cannot be used; \
                        write `openinference`, `mlflow`, or both with a comma between them";
        assert_eq!(of("phoenix").unwrap_err().to_string(), expected);
    }
}
