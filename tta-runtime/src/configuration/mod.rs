//! Configuration from the environment: OpenTelemetry's variables if they exist, `TTA_*` for the rest.

mod compatibility;
mod export_settings;
mod exporters;
mod init_error;
#[cfg(feature = "exporter")]
mod metrics_addr;
#[cfg(all(feature = "exporter", not(feature = "exporter-tls")))]
mod metrics_tls_off;
#[cfg(feature = "exporter")]
mod native_histograms;
#[cfg(not(feature = "otlp"))]
mod otlp_off;
#[cfg(feature = "page")]
mod page;
#[cfg(any(feature = "exporter-tls", feature = "otlp"))]
mod pem_file;
mod propagators;
mod resource_attributes;
mod span_detail;
mod span_names;

use std::path::PathBuf;
use std::time::Duration;

use opentelemetry_sdk::trace::Sampler;

pub(crate) use self::export_settings::{export_settings, set_span_limits};
#[cfg(feature = "otlp")]
pub(crate) use self::exporters::Exporters;
#[cfg(feature = "otlp")]
pub(crate) use self::exporters::logs_exporters;
#[cfg(any(feature = "exporter", feature = "otlp"))]
pub(crate) use self::exporters::metrics_exporters;
pub(crate) use self::exporters::{check_exporters, traces_exporters};
pub use self::init_error::InitError;
#[cfg(feature = "exporter")]
pub(crate) use self::metrics_addr::metrics_addr;
#[cfg(all(feature = "exporter", not(feature = "exporter-tls")))]
pub(crate) use self::metrics_tls_off::refuse_metrics_tls;
#[cfg(feature = "exporter")]
pub(crate) use self::native_histograms::native_histograms;
#[cfg(all(test, not(feature = "otlp")))]
pub(crate) use self::otlp_off::tests::logged;
#[cfg(not(feature = "otlp"))]
pub(crate) use self::otlp_off::warn_of_unused_endpoints;
#[cfg(feature = "page")]
pub(crate) use self::page::{PageSetting, page};
#[cfg(any(feature = "exporter-tls", feature = "otlp"))]
pub use self::pem_file::PemFileError;
#[cfg(feature = "otlp")]
pub(crate) use self::pem_file::read as read_pem;
#[cfg(any(feature = "exporter-tls", feature = "otlp"))]
pub(crate) use self::pem_file::{CertifiedFiles, CertifiedTexts};
pub(crate) use self::propagators::propagators;
pub(crate) use self::resource_attributes::resource_attributes;
pub(crate) use self::span_detail::span_detail;
pub(crate) use self::span_names::span_names;

use crate::snapshot::view::View;
use crate::span::{ContentCapture, RootSampler};

/// An environment variable with an invalid value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}=`{value}` cannot be used; write {expected}")]
#[non_exhaustive]
pub struct EnvironmentError {
    /// The variable's name.
    pub variable: &'static str,
    /// The value that was read.
    pub value: String,
    /// A description of valid values.
    pub expected: &'static str,
}

/// Reads a variable; an empty one is absent, by OpenTelemetry's specification.
pub(crate) type ReadVariable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads a variable of the process's environment.
pub(crate) fn process(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.trim().is_empty())
}

/// Returns whether `OTEL_SDK_DISABLED` switches the library off.
pub(crate) fn is_disabled(read: ReadVariable<'_>) -> bool {
    read("OTEL_SDK_DISABLED").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

/// Returns whether `TTA_CONSOLE_TRACES` or `OTEL_TRACES_EXPORTER` requests finished traces on standard error.
pub(crate) fn prints_traces(read: ReadVariable<'_>) -> Result<bool, EnvironmentError> {
    let is_named = traces_exporters(read)?.is_some_and(|named| named.console);
    Ok(is_named || read("TTA_CONSOLE_TRACES").is_some_and(|value| matches!(value.trim(), "1" | "true")))
}

/// Returns the price file that `TTA_PRICES_FILE` names.
pub(crate) fn prices_file(read: ReadVariable<'_>) -> Option<PathBuf> {
    read("TTA_PRICES_FILE").map(PathBuf::from)
}

/// Returns the sampler that `OTEL_TRACES_SAMPLER` names, `parentbased_always_on` by default.
pub(crate) fn sampler(read: ReadVariable<'_>) -> Result<RootSampler, EnvironmentError> {
    const VARIABLE: &str = "OTEL_TRACES_SAMPLER";
    let Some(value) = read(VARIABLE) else { return Ok(RootSampler::parent_based(Sampler::AlwaysOn)) };
    Ok(match value.trim() {
        "always_on" => RootSampler::Plain(Sampler::AlwaysOn),
        "always_off" => RootSampler::Plain(Sampler::AlwaysOff),
        "traceidratio" => RootSampler::Plain(Sampler::TraceIdRatioBased(ratio(read)?)),
        "parentbased_always_on" => RootSampler::parent_based(Sampler::AlwaysOn),
        "parentbased_always_off" => RootSampler::parent_based(Sampler::AlwaysOff),
        "parentbased_traceidratio" => RootSampler::parent_based(Sampler::TraceIdRatioBased(ratio(read)?)),
        _ => {
            let expected = "`always_on`, `always_off`, `traceidratio`, or one of these after `parentbased_`";
            return Err(EnvironmentError { variable: VARIABLE, value, expected });
        }
    })
}

/// Returns the destination of message content, `None` to record none.
pub(crate) fn capture(read: ReadVariable<'_>) -> Result<Option<ContentCapture>, EnvironmentError> {
    const VARIABLE: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    let Some(value) = read(VARIABLE) else { return Ok(None) };
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "span_only" => Ok(Some(ContentCapture::Span)),
        "event_only" => Ok(Some(ContentCapture::Event)),
        "span_and_event" => Ok(Some(ContentCapture::SpanAndEvent)),
        "false" | "no_content" => Ok(None),
        _ => {
            let expected = "`no_content` (or `false`), `span_only` (or `true`), `event_only` or `span_and_event`";
            Err(EnvironmentError { variable: VARIABLE, value, expected })
        }
    }
}

/// Returns the views in the Prometheus formats.
pub(crate) fn metrics_views(read: ReadVariable<'_>) -> Result<Option<Vec<View>>, EnvironmentError> {
    views("TTA_METRICS_VIEW", read)
}

/// Returns the views that are pushed to a collector.
#[cfg(feature = "otlp")]
pub(crate) fn otlp_views(read: ReadVariable<'_>) -> Result<Option<Vec<View>>, EnvironmentError> {
    views("TTA_OTLP_METRICS_VIEW", read)
}

fn views(variable: &'static str, read: ReadVariable<'_>) -> Result<Option<Vec<View>>, EnvironmentError> {
    let Some(value) = read(variable) else { return Ok(None) };
    let expected =
        "`tta`, `otel`, `otel_latest`, `otel_token_usage` or `classic`, or several of them with commas between them";
    let views = View::parse_list(&value).ok_or(EnvironmentError { variable, value, expected })?;
    Ok(Some(views.into_iter().map(|view| newest(view, read)).collect()))
}

/// Returns the view with the newest names of the conventions in place of the one with today's, if the environment wants them.
pub(crate) fn newest(view: View, read: ReadVariable<'_>) -> View {
    // The other entries of the list are about other conventions, and for other libraries.
    let wanted = read("OTEL_SEMCONV_STABILITY_OPT_IN").unwrap_or_default();
    let is_wanted = wanted.split(',').any(|name| name.trim() == "gen_ai_latest_experimental");
    if is_wanted && view == View::Otel { View::OtelLatest } else { view }
}

/// Returns a duration in milliseconds.
pub(crate) fn milliseconds(
    read: ReadVariable<'_>,
    variable: &'static str,
    default: u64,
) -> Result<Duration, EnvironmentError> {
    let Some(value) = read(variable) else { return Ok(Duration::from_millis(default)) };
    let number = value.trim().parse().ok().filter(|&number: &u64| number > 0);
    let expected = "a whole number of milliseconds above 0";
    number.map(Duration::from_millis).ok_or(EnvironmentError { variable, value, expected })
}

fn ratio(read: ReadVariable<'_>) -> Result<f64, EnvironmentError> {
    const VARIABLE: &str = "OTEL_TRACES_SAMPLER_ARG";
    let Some(value) = read(VARIABLE) else { return Ok(1.0) };
    let ratio = value.trim().parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or(EnvironmentError { variable: VARIABLE, value, expected: "a share from `0.0` to `1.0`" })
}

#[cfg(test)]
mod tests {
    use super::{capture, is_disabled, metrics_views, sampler};
    use crate::snapshot::view::View;
    use crate::span::ContentCapture;

    fn with(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| variables.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn a_share_outside_of_0_to_1_is_rejected() {
        let variables = [("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "1.5")];
        assert_eq!(sampler(&with(&variables)).unwrap_err().variable, "OTEL_TRACES_SAMPLER_ARG");
    }

    #[test]
    fn an_unknown_sampler_is_rejected() {
        let error = sampler(&with(&[("OTEL_TRACES_SAMPLER", "sometimes")])).unwrap_err();
        assert_eq!((error.variable, error.value.as_str()), ("OTEL_TRACES_SAMPLER", "sometimes"));
    }

    #[test]
    fn an_unknown_view_is_rejected() {
        let error = metrics_views(&with(&[("TTA_METRICS_VIEW", "tta,prometheus")])).unwrap_err();
        let expected = "TTA_METRICS_VIEW=`tta,prometheus` cannot be used; \
                        write `tta`, `otel`, `otel_latest`, `otel_token_usage` or `classic`, or several of them with commas between them";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn the_newest_names_stand_in_for_todays() {
        let with_names = |names| {
            metrics_views(&with(&[("TTA_METRICS_VIEW", "tta,otel"), ("OTEL_SEMCONV_STABILITY_OPT_IN", names)])).unwrap()
        };
        assert_eq!(with_names("http, gen_ai_latest_experimental"), Some(vec![View::Tta, View::OtelLatest]));
        assert_eq!(with_names("http/dup"), Some(vec![View::Tta, View::Otel]));
    }

    #[test]
    fn content_is_recorded_only_on_request() {
        let of = |value| capture(&with(&[("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", value)]));
        assert_eq!(capture(&with(&[])), Ok(None));
        assert_eq!(["false", "no_content"].map(of), [Ok(None), Ok(None)]);
        assert_eq!(["true", "SPAN_ONLY"].map(of), [Ok(Some(ContentCapture::Span)), Ok(Some(ContentCapture::Span))]);
        let events = [Ok(Some(ContentCapture::Event)), Ok(Some(ContentCapture::SpanAndEvent))];
        assert_eq!(["event_only", "span_and_event"].map(of), events);
        assert_eq!(of("yes").unwrap_err().value, "yes");
    }

    #[test]
    fn only_true_disables() {
        let disabled = |value| is_disabled(&with(&[("OTEL_SDK_DISABLED", value)]));
        assert_eq!(["true", "TRUE", "1", "false"].map(disabled), [true, true, false, false]);
    }
}
