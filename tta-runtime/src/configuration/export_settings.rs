//! The variables that say how spans are exported, and what one span holds.

use std::time::Duration;

use super::compatibility::compatibility;
use super::{EnvironmentError, ReadVariable, milliseconds};
use crate::span::ExportSettings;
use crate::span_limits::SpanLimit;

/// Returns the sizes and times of the export of spans, and the receivers for which they say more.
pub(crate) fn export_settings(read: ReadVariable<'_>) -> Result<ExportSettings, EnvironmentError> {
    let default = ExportSettings::default();
    let size = |variable, default| {
        let Some(value) = read(variable) else { return Ok(default) };
        let number = value.trim().parse().ok().filter(|&number: &usize| number > 0);
        number.ok_or(EnvironmentError { variable, value, expected: "a whole number above 0" })
    };
    let time = |variable, default: Duration| {
        milliseconds(read, variable, u64::try_from(default.as_millis()).unwrap_or(u64::MAX))
    };
    let most_spans = size("OTEL_BSP_MAX_QUEUE_SIZE", default.most_spans)?;
    Ok(ExportSettings {
        most_spans,
        most_bytes: size("TTA_SPAN_QUEUE_BYTES", default.most_bytes)?,
        // By the specification a batch is no larger than the queue.
        batch: size("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", default.batch)?.min(most_spans),
        export_timeout: time("OTEL_BSP_EXPORT_TIMEOUT", default.export_timeout)?,
        delay: time("OTEL_BSP_SCHEDULE_DELAY", default.delay)?,
        compatibility: compatibility(read)?,
    })
}

/// Sets the limits of spans from now on.
pub(crate) fn set_span_limits(read: ReadVariable<'_>) -> Result<(), EnvironmentError> {
    let mut limits = [None; SpanLimit::ALL.len()];
    for (limit, value) in SpanLimit::ALL.into_iter().zip(&mut limits) {
        *value = span_limit(limit.variables(), read)?;
    }
    // Spans of calls have no links, so that any limit on links holds.
    for variable in ["OTEL_SPAN_LINK_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"] {
        span_limit(&[variable], read)?;
    }
    for (limit, value) in SpanLimit::ALL.into_iter().zip(limits) {
        limit.set(value);
    }
    Ok(())
}

/// Returns the limit that the first of the variables sets.
fn span_limit(variables: &[&'static str], read: ReadVariable<'_>) -> Result<Option<usize>, EnvironmentError> {
    let set = variables.iter().find_map(|variable| Some((*variable, read(variable)?)));
    let Some((variable, value)) = set else { return Ok(None) };
    value.trim().parse().map(Some).map_err(|_| EnvironmentError { variable, value, expected: "a whole number" })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{export_settings, span_limit};
    use crate::span::{Compatibility, ExportSettings};
    use crate::span_limits::SpanLimit;

    fn with(variables: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name: &str| variables.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn the_queue_is_sized_by_the_environment() {
        assert_eq!(export_settings(&with(&[])), Ok(ExportSettings::default()));
        let set = with(&[
            ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
            ("TTA_SPAN_QUEUE_BYTES", "65536"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "200"),
            ("OTEL_BSP_EXPORT_TIMEOUT", "1500"),
            ("OTEL_BSP_SCHEDULE_DELAY", "20"),
            ("TTA_COMPATIBILITY", "mlflow"),
        ]);
        let expected = ExportSettings {
            most_spans: 100,
            most_bytes: 65_536,
            batch: 100,
            export_timeout: Duration::from_millis(1_500),
            delay: Duration::from_millis(20),
            compatibility: Some(Compatibility { openinference: false, mlflow: true }),
        };
        assert_eq!(export_settings(&set), Ok(expected));
        for (variable, value) in [("OTEL_BSP_MAX_QUEUE_SIZE", "0"), ("TTA_SPAN_QUEUE_BYTES", "8 MiB")] {
            let error = export_settings(&|name: &str| (name == variable).then(|| value.to_owned())).unwrap_err();
            assert_eq!(error.to_string(), format!("{variable}=`{value}` cannot be used; write a whole number above 0"));
        }
    }

    #[test]
    fn a_span_s_own_limit_wins_over_the_general_one() {
        let both = with(&[("OTEL_ATTRIBUTE_COUNT_LIMIT", "9"), ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "7")]);
        assert_eq!(
            SpanLimit::ALL.map(|limit| span_limit(limit.variables(), &both)),
            [Ok(Some(7)), Ok(None), Ok(None), Ok(Some(9))]
        );
        let error =
            span_limit(SpanLimit::Events.variables(), &with(&[("OTEL_SPAN_EVENT_COUNT_LIMIT", "-1")])).unwrap_err();
        assert_eq!(error.to_string(), "OTEL_SPAN_EVENT_COUNT_LIMIT=`-1` cannot be used; write a whole number");
    }
}
