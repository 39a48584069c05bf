//! Which representation of the metrics a client wants: `Accept` and `Accept-Encoding`.

use http::HeaderMap;
use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderName};

/// The text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Prometheus' own, 0.0.4: what a client gets that asks for nothing in particular.
    Text,
    /// `OpenMetrics` 1.0.
    OpenMetrics,
}

/// The content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
}

/// One of the four representations of the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Representation {
    pub(super) format: Format,
    pub(super) coding: Coding,
}

impl Representation {
    /// Chooses what the client likes best.
    ///
    /// A client that likes neither format gets the text all the same: scrapers in use ask for formats that we do not
    /// have and read this one, and a refusal would help nobody.
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        Self { format: format(headers), coding: coding(headers) }
    }

    /// Returns the same in Prometheus' own text format.
    pub(super) fn as_text(self) -> Self {
        Self { format: Format::Text, ..self }
    }
}

fn format(headers: &HeaderMap) -> Format {
    let quality = |kind, subtype, version| {
        let matching = wishes(headers, &ACCEPT).filter_map(|wish| Some((wish.names(kind, subtype, version)?, wish)));
        // The most specific range decides, as RFC 9110 has it; a wildcard does not raise what a name has lowered.
        let (named, wish) = matching.max_by_key(|(specific, wish)| (*specific, wish.quality))?;
        (wish.quality > 0).then_some((wish.quality, named))
    };
    // Between equals the one called by its name wins, and then the text.
    if quality("application", "openmetrics-text", "1.0.0") > quality("text", "plain", "0.0.4") {
        Format::OpenMetrics
    } else {
        Format::Text
    }
}

fn coding(headers: &HeaderMap) -> Coding {
    let named = |names: &[&str]| {
        let mut wishes = wishes(headers, &ACCEPT_ENCODING);
        wishes.find(|wish| names.iter().any(|name| wish.value.eq_ignore_ascii_case(name))).map(|wish| wish.quality)
    };
    let gzip = named(&["gzip", "x-gzip"]).or_else(|| named(&["*"])).unwrap_or(0);
    let identity = named(&["identity"]).unwrap_or(0);
    if gzip > 0 && gzip >= identity { Coding::Gzip } else { Coding::Identity }
}

/// One member of a list such as `text/plain;version=0.0.4;q=0.5, */*;q=0.1`.
struct Wish<'a> {
    value: &'a str,
    version: Option<&'a str>,
    /// In thousandths.
    quality: u16,
}

impl Wish<'_> {
    /// Returns how specifically the wish names a media type, nothing where it names another.
    fn names(&self, kind: &str, subtype: &str, version: &str) -> Option<u8> {
        let (wished_kind, wished_subtype) = self.value.split_once('/')?;
        let same_kind = wished_kind.eq_ignore_ascii_case(kind);
        let same_subtype = wished_subtype.eq_ignore_ascii_case(subtype);
        match (wished_kind, wished_subtype, self.version) {
            ("*", "*", _) => Some(0),
            (_, "*", _) if same_kind => Some(1),
            (_, _, None) if same_kind && same_subtype => Some(2),
            (_, _, Some(wished)) if same_kind && same_subtype && wished == version => Some(3),
            _ => None,
        }
    }
}

/// Reads a list header, given once or several times; members that cannot be read are left out.
fn wishes<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = Wish<'a>> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(wish)
}

fn wish(member: &str) -> Option<Wish<'_>> {
    let mut parts = member.split(';').map(str::trim);
    let mut wish = Wish { value: parts.next()?, version: None, quality: 1_000 };
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        if name.eq_ignore_ascii_case("q") {
            wish.quality = thousandths(value)?;
        } else if name.eq_ignore_ascii_case("version") {
            wish.version = Some(value.trim_matches('"'));
        }
    }
    Some(wish)
}

fn thousandths(quality: &str) -> Option<u16> {
    let quality: f32 = quality.parse().ok()?;
    (0.0..=1.0).contains(&quality).then_some((quality * 1_000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::Coding::{Gzip, Identity};
    use super::Format::{OpenMetrics, Text};
    use super::{Coding, Format, Representation};
    use http::HeaderMap;
    use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderName};

    fn check(name: &HeaderName, values: &[&str]) -> Representation {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().expect("a header value"));
        }
        Representation::wanted(&headers)
    }

    fn formats<const N: usize>(accept: [&str; N]) -> [Format; N] {
        accept.map(|accept| check(&ACCEPT, &[accept]).format)
    }

    fn codings<const N: usize>(accept: [&str; N]) -> [Coding; N] {
        accept.map(|accept| check(&ACCEPT_ENCODING, &[accept]).coding)
    }

    #[test]
    fn a_client_that_asks_for_nothing_gets_plain_text() {
        assert_eq!(check(&ACCEPT, &[]), Representation { format: Text, coding: Identity });
        assert_eq!(formats(["", "*/*", "image/png", "text/plain;q=0", "nonsense;;,"]), [Text; 5]);
    }

    #[test]
    fn prometheus_itself_gets_openmetrics() {
        let prometheus_2 = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
            text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
            application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
            text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        assert_eq!(formats([prometheus_2, prometheus_3]), [OpenMetrics; 2]);
    }

    #[test]
    fn the_higher_quality_wins_and_between_equals_the_more_exact_name() {
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
    fn a_header_given_twice_is_one_list() {
        let accept = ["text/plain;q=0.5", "application/openmetrics-text"];
        assert_eq!(check(&ACCEPT, &accept).format, OpenMetrics);
    }

    #[test]
    fn a_quality_that_cannot_be_read_leaves_its_member_out() {
        let openmetrics =
            ["2", "-1", "NaN", "high"].map(|q| format!("application/openmetrics-text;q={q}, text/plain;q=0.1"));
        assert_eq!(formats(openmetrics.each_ref().map(String::as_str)), [Text; 4]);
    }

    #[test]
    fn gzip_is_used_where_it_is_liked_as_much_as_plain() {
        assert_eq!(codings(["gzip", "deflate, gzip;q=0.5", "GZip, identity", "x-gzip", "*"]), [Gzip; 5]);
        let plain = ["", "deflate, br", "gzip;q=0", "gzip;q=0.5, identity", "*;q=0", "gzip;q=0, *"];
        assert_eq!(codings(plain), [Identity; 6]);
    }
}
