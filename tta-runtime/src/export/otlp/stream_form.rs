//! The form in which metrics are sent: as sums since the start or since the last request, in which kind of buckets.

use crate::configuration::{EnvironmentError, ReadVariable};

/// The settings of the metrics' exporter that are about form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StreamForm {
    pub(super) temporality: Temporality,
    pub(super) buckets: Buckets,
}

/// The time from which counters and histograms count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Temporality {
    /// From the start of the process.
    Cumulative,
    /// From the last request that the collector has accepted. Levels, which may fall, count from the start all the same.
    Delta,
}

/// The buckets of histograms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Buckets {
    /// The bounds of the metric.
    Explicit,
    /// Powers of two, and the steps between them.
    Exponential,
}

impl StreamForm {
    /// Returns the form that the environment configures.
    pub(super) fn configured(read: ReadVariable<'_>) -> Result<Self, EnvironmentError> {
        Ok(Self { temporality: temporality(read)?, buckets: buckets(read)? })
    }
}

fn temporality(read: ReadVariable<'_>) -> Result<Temporality, EnvironmentError> {
    const VARIABLE: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
    let Some(value) = read(VARIABLE) else { return Ok(Temporality::Cumulative) };
    match value.trim().to_ascii_lowercase().as_str() {
        "cumulative" => Ok(Temporality::Cumulative),
        // They differ in instruments that are only read when they are sent. There are none here.
        "delta" | "lowmemory" => Ok(Temporality::Delta),
        _ => {
            let expected = "`cumulative`, `delta` or `lowmemory`";
            Err(EnvironmentError { variable: VARIABLE, value, expected })
        }
    }
}

fn buckets(read: ReadVariable<'_>) -> Result<Buckets, EnvironmentError> {
    const VARIABLE: &str = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
    let Some(value) = read(VARIABLE) else { return Ok(Buckets::Explicit) };
    match value.trim().to_ascii_lowercase().as_str() {
        "explicit_bucket_histogram" => Ok(Buckets::Explicit),
        "base2_exponential_bucket_histogram" => Ok(Buckets::Exponential),
        _ => {
            let expected = "`explicit_bucket_histogram` or `base2_exponential_bucket_histogram`";
            Err(EnvironmentError { variable: VARIABLE, value, expected })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Buckets, StreamForm, Temporality};

    fn form(temporality: &'static str, buckets: &'static str) -> Result<StreamForm, String> {
        let read = move |variable: &str| {
            let value = if variable.ends_with("PREFERENCE") { temporality } else { buckets };
            Some(value.to_owned()).filter(|value| !value.is_empty())
        };
        StreamForm::configured(&read).map_err(|error| error.to_string())
    }

    #[test]
    fn the_values_of_the_specification_are_read_and_others_refused() {
        let plain = StreamForm { temporality: Temporality::Cumulative, buckets: Buckets::Explicit };
        assert_eq!(form("", ""), Ok(plain));
        assert_eq!(form("cumulative", "explicit_bucket_histogram"), Ok(plain));
        let other = StreamForm { temporality: Temporality::Delta, buckets: Buckets::Exponential };
        for delta in ["Delta", "LowMemory"] {
            assert_eq!(form(delta, "base2_exponential_bucket_histogram"), Ok(other));
        }
        let error = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=`rate` cannot be used; \
                     write `cumulative`, `delta` or `lowmemory`";
        assert_eq!(form("rate", ""), Err(error.to_owned()));
        let error = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=`native` cannot be used; \
                     write `explicit_bucket_histogram` or `base2_exponential_bucket_histogram`";
        assert_eq!(form("", "native"), Err(error.to_owned()));
    }
}
