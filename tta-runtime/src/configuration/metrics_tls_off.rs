//! The variables of TLS for `/metrics`, in a program that is built without it.

use super::{EnvironmentError, ReadVariable};

/// Refuses the variables, rather than serve in plain text what should be encrypted.
pub(crate) fn refuse_metrics_tls(read: ReadVariable<'_>) -> Result<(), EnvironmentError> {
    for variable in ["TTA_METRICS_TLS_CERT", "TTA_METRICS_TLS_KEY"] {
        if let Some(value) = read(variable) {
            let expected = "nothing, or enable the feature `exporter-tls` of the crate `tta-runtime`";
            return Err(EnvironmentError { variable, value, expected });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::refuse_metrics_tls;

    #[test]
    fn the_error_names_the_feature() {
        let of = |name: &'static str| {
            refuse_metrics_tls(&|asked| (asked == name).then(|| "/etc/tls.pem".to_owned())).map_err(|e| e.to_string())
        };
        let expected = "TTA_METRICS_TLS_KEY=`/etc/tls.pem` cannot be used; \
                        write nothing, or enable the feature `exporter-tls` of the crate `tta-runtime`";
        assert_eq!(of("TTA_METRICS_TLS_KEY"), Err(expected.to_owned()));
        assert!(of("TTA_METRICS_TLS_CERT").is_err());
        assert_eq!(of("TTA_METRICS_ADDR"), Ok(()));
    }
}
