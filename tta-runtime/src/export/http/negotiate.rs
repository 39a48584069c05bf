//! Content negotiation: chooses the representation of the metrics from `Accept` and `Accept-Encoding`.

use http::HeaderMap;
use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderName};

use crate::metric::keeps_exponential_counts;

/// A format of the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// The Prometheus text format 0.0.4, the default for a client without a preference.
    Text,
    /// `OpenMetrics` 1.0.
    OpenMetrics,
    /// Prometheus' protobuf format, with native histograms.
    Protobuf,
}

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
}

/// One of the six representations of the metrics: a format and a content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Representation {
    pub(super) format: Format,
    pub(super) coding: Coding,
}

impl Representation {
    /// Returns the representation that the client prefers.
    ///
    /// Falls back to the text format if the client accepts neither format. Some scrapers accept only formats that the
    /// server lacks, yet parse the text format, so a refusal would help nobody.
    pub(super) fn negotiate(headers: &HeaderMap) -> Self {
        Self { format: format(headers, offered()), coding: coding(headers) }
    }

    /// Returns this representation with the Prometheus text format as its format.
    pub(super) fn as_text(self) -> Self {
        Self { format: Format::Text, ..self }
    }
}

/// Returns the formats that the server has: the protobuf one if histograms count in native buckets.
fn offered() -> &'static [Format] {
    if keeps_exponential_counts() {
        &[Format::Text, Format::OpenMetrics, Format::Protobuf]
    } else {
        &[Format::Text, Format::OpenMetrics]
    }
}

fn format(headers: &HeaderMap, offered: &[Format]) -> Format {
    let quality = |kind, subtype, version| {
        let matching = preferences(headers, &ACCEPT)
            .filter_map(|preference| Some((preference.specificity(kind, subtype, version)?, preference.quality)));
        // The most specific media range decides (RFC 9110): a wildcard does not raise a quality that a name lowers.
        let (specificity, quality) = matching.max()?;
        (quality > 0).then_some((quality, specificity))
    };
    let (openmetrics, text) = (quality("application", "openmetrics-text", "1.0.0"), quality("text", "plain", "0.0.4"));
    // No wildcard means the protobuf format: a client that reads it names it.
    let families = preferences(headers, &ACCEPT).filter(Preference::is_metric_family);
    let protobuf = families.map(|preference| preference.quality).filter(|quality| *quality > 0).max();
    let of_texts = openmetrics.max(text).map(|(quality, _)| quality);
    if offered.contains(&Format::Protobuf) && protobuf.is_some() && protobuf >= of_texts {
        Format::Protobuf
    // On equal quality, the more specific media range wins. If both are equally specific, the text format wins.
    } else if openmetrics > text {
        Format::OpenMetrics
    } else {
        Format::Text
    }
}

/// Returns the coding that the client prefers.
pub(super) fn coding(headers: &HeaderMap) -> Coding {
    let quality = |names: &[&str]| {
        let mut preferences = preferences(headers, &ACCEPT_ENCODING);
        let named = preferences.find(|preference| names.iter().any(|name| preference.value.eq_ignore_ascii_case(name)));
        named.map(|preference| preference.quality)
    };
    let gzip = quality(&["gzip", "x-gzip"]).or_else(|| quality(&["*"])).unwrap_or(0);
    let identity = quality(&["identity"]).unwrap_or(0);
    if gzip > 0 && gzip >= identity { Coding::Gzip } else { Coding::Identity }
}

/// One member of a list header such as `text/plain;version=0.0.4;q=0.5, */*;q=0.1`.
struct Preference<'a> {
    value: &'a str,
    version: Option<&'a str>,
    /// The type of the messages in a protobuf stream, and how they are told apart.
    proto: Option<&'a str>,
    encoding: Option<&'a str>,
    /// In thousandths, from 0 to 1000.
    quality: u16,
}

impl Preference<'_> {
    /// Returns whether this is Prometheus' protobuf format.
    fn is_metric_family(&self) -> bool {
        self.value.eq_ignore_ascii_case("application/vnd.google.protobuf")
            && self.proto == Some("io.prometheus.client.MetricFamily")
            && self.encoding == Some("delimited")
    }

    /// Returns how specifically this media range matches a media type, or `None` if it does not match.
    fn specificity(&self, kind: &str, subtype: &str, version: &str) -> Option<u8> {
        let (range_kind, range_subtype) = self.value.split_once('/')?;
        let same_kind = range_kind.eq_ignore_ascii_case(kind);
        let same_subtype = range_subtype.eq_ignore_ascii_case(subtype);
        match (range_kind, range_subtype, self.version) {
            ("*", "*", _) => Some(0),
            (_, "*", _) if same_kind => Some(1),
            (_, _, None) if same_kind && same_subtype => Some(2),
            (_, _, Some(range_version)) if same_kind && same_subtype && range_version == version => Some(3),
            _ => None,
        }
    }
}

/// Parses a list header, which may occur several times, and skips invalid members.
fn preferences<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = Preference<'a>> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(preference)
}

fn preference(member: &str) -> Option<Preference<'_>> {
    let mut parts = member.split(';').map(str::trim);
    let mut preference =
        Preference { value: parts.next()?, version: None, proto: None, encoding: None, quality: 1_000 };
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        if name.eq_ignore_ascii_case("q") {
            preference.quality = thousandths(value)?;
        } else if name.eq_ignore_ascii_case("version") {
            preference.version = Some(value.trim_matches('"'));
        } else if name.eq_ignore_ascii_case("proto") {
            preference.proto = Some(value.trim_matches('"'));
        } else if name.eq_ignore_ascii_case("encoding") {
            preference.encoding = Some(value.trim_matches('"'));
        }
    }
    Some(preference)
}

fn thousandths(quality: &str) -> Option<u16> {
    let quality: f32 = quality.parse().ok()?;
    (0.0..=1.0).contains(&quality).then_some((quality * 1_000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::Coding::{Gzip, Identity};
    use super::Format::{OpenMetrics, Protobuf, Text};
    use super::{Coding, Format, Representation};
    use http::HeaderMap;
    use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderName};

    fn check(name: &HeaderName, values: &[&str]) -> Representation {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().expect("a header value"));
        }
        Representation::negotiate(&headers)
    }

    fn formats<const N: usize>(accept: [&str; N]) -> [Format; N] {
        accept.map(|accept| check(&ACCEPT, &[accept]).format)
    }

    fn codings<const N: usize>(accept: [&str; N]) -> [Coding; N] {
        accept.map(|accept| check(&ACCEPT_ENCODING, &[accept]).coding)
    }

    #[test]
    fn a_client_without_a_preference_gets_the_text_format() {
        assert_eq!(check(&ACCEPT, &[]), Representation { format: Text, coding: Identity });
        assert_eq!(formats(["", "*/*", "image/png", "text/plain;q=0", "nonsense;;,"]), [Text; 5]);
    }

    #[test]
    fn prometheus_itself_gets_openmetrics() {
        let prometheus_2 = "application/openmetrics-text;version=1.0.0,\
            application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
            application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
            text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        assert_eq!(formats([prometheus_2, prometheus_3]), [OpenMetrics; 2]);
    }

    #[test]
    fn the_higher_quality_wins_and_on_equal_quality_the_more_specific_range() {
        let text = [
            "application/openmetrics-text;q=0.4, text/plain;q=0.5",
            "application/openmetrics-text;q=0.9, */*",
            "application/openmetrics-text, text/plain",
            "application/openmetrics-text;q=0, */*;q=0.1",
            "application/openmetrics-text;version=0.0.1, text/plain;q=0.1",
        ];
        assert_eq!(formats(text), [Text; 5]);
        let openmetrics = [
            "text/plain;q=0.5, Application/OpenMetrics-Text; version=\"1.0.0\"; Q=0.6",
            "application/openmetrics-text, */*",
            "application/*",
            "text/plain;q=0, */*",
        ];
        assert_eq!(formats(openmetrics), [OpenMetrics; 4]);
    }

    #[test]
    fn the_protobuf_format_is_for_clients_that_name_it_and_servers_that_have_it() {
        // Prometheus 2.42 with native histograms, then 3.5.
        let named = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
        let prometheus_2 =
            format!("{named},application/openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.5,*/*;q=0.1");
        let prometheus_3 = format!(
            "{named};q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;q=0.2,*/*;q=0.1"
        );
        let of = |accept: &str, offered: &[Format]| {
            let headers = [(ACCEPT, accept.parse().expect("a header value"))].into_iter().collect();
            super::format(&headers, offered)
        };
        let all = [Text, OpenMetrics, Protobuf];
        for accept in [&prometheus_2, &prometheus_3] {
            assert_eq!((of(accept, &all), of(accept, &all[..2])), (Protobuf, OpenMetrics));
        }
        let others = [
            format!("{named};q=0"),
            format!("{named};q=0.4, text/plain;q=0.5"),
            "application/vnd.google.protobuf;encoding=delimited".to_owned(),
            named.replace("delimited", "text"),
            "*/*".to_owned(),
        ];
        for accept in &others {
            assert_eq!(of(accept, &all), Text, "{accept}");
        }
        assert_eq!(of("application/*", &all), OpenMetrics);
    }

    #[test]
    fn a_header_given_twice_is_one_list() {
        let accept = ["text/plain;q=0.5", "application/openmetrics-text"];
        assert_eq!(check(&ACCEPT, &accept).format, OpenMetrics);
    }

    #[test]
    fn a_member_with_an_invalid_quality_is_skipped() {
        let openmetrics =
            ["2", "-1", "NaN", "high"].map(|q| format!("application/openmetrics-text;q={q}, text/plain;q=0.1"));
        assert_eq!(formats(openmetrics.each_ref().map(String::as_str)), [Text; 4]);
    }

    #[test]
    fn gzip_is_chosen_if_its_quality_is_at_least_that_of_identity() {
        assert_eq!(codings(["gzip", "deflate, gzip;q=0.5", "GZip, identity", "x-gzip", "*"]), [Gzip; 5]);
        let plain = ["", "deflate, br", "gzip;q=0", "gzip;q=0.5, identity", "*;q=0", "gzip;q=0, *"];
        assert_eq!(codings(plain), [Identity; 6]);
    }
}
