//! The address of a program or of a Prometheus.

use std::fmt;

use reqwest::Url;

use super::unreachable::Unreachable;
use crate::address::masked;

/// An address that is asked, and that prints with `***` for user, password and query.
///
/// ```
/// use tta_cli::doctor::Address;
///
/// let address = Address::parse("ann:s3cret@127.0.0.1:9464/metrics").unwrap();
/// assert_eq!(address.to_string(), "http://***@127.0.0.1:9464");
/// assert!(address.is_same(&Address::parse("http://localhost:9464").unwrap()));
/// ```
#[derive(Clone)]
pub struct Address(Url);

impl Address {
    /// Reads an address such as `http://127.0.0.1:9464`; the scheme, and the path of `/metrics`, may be there or not.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is no address, or its scheme is neither `http` nor `https`.
    pub fn parse(text: &str) -> Result<Self, Unreachable> {
        let text = text.trim();
        let refused = |reason: String| Unreachable {
            url: masked(text),
            reason: format!("{reason}; write an address such as `http://127.0.0.1:9464`"),
        };
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let mut url = Url::parse(&whole).map_err(|error| refused(format!("it is no address ({error})")))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(refused(format!("its scheme is `{}`", url.scheme())));
        }
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix("/metrics").unwrap_or(path).to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// Returns whether both lead to the same program, whatever loopback is called, with TLS or without.
    pub fn is_same(&self, other: &Self) -> bool {
        place(&self.0) == place(&other.0) && self.0.query() == other.0.query()
    }

    /// Returns whether a scrape of a URL reads the metrics of the program. With the wrong scheme it does: that is a fault of
    /// its own.
    pub(super) fn is_scraped_at(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| place(&url) == place(&self.page("metrics")))
    }

    /// Returns the URL of a page.
    pub(crate) fn page(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{path}", self.0.path().trim_end_matches('/')));
        url
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(masked(self.0.as_str()).trim_end_matches('/'))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Address({self})")
    }
}

/// Returns the host, with one name for loopback, the port and the path.
fn place(url: &Url) -> (Option<&str>, Option<u16>, &str) {
    let host = url.host_str().map(|host| if ["localhost", "[::1]"].contains(&host) { "127.0.0.1" } else { host });
    (host, url.port_or_known_default(), url.path())
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn parse(text: &str) -> Address {
        Address::parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn an_address_may_have_the_page_and_the_scheme_or_not() {
        let addresses = ["http://a:1", "http://a:1/", "http://a:1/metrics", "a:1", " a:1/metrics/"];
        assert_eq!(addresses.map(|text| parse(text).to_string()), ["http://a:1"; 5]);
        assert_eq!(parse("https://a/tta/metrics").to_string(), "https://a/tta");
        assert_eq!(parse("https://a/tta/metrics?b=c").page("status").as_str(), "https://a/tta/status?b=c");
    }

    #[test]
    fn secrets_are_asked_with_and_not_printed() {
        let address = parse("http://ann:s3cret@a:1/metrics?token=s3cret");
        assert_eq!(address.page("status").as_str(), "http://ann:s3cret@a:1/status?token=s3cret");
        assert_eq!(format!("{address} {address:?}"), "http://***@a:1/?*** Address(http://***@a:1/?***)");
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_secrets() {
        let refused = |text: &str| Address::parse(text).map_err(|error| error.to_string()).expect_err("it is refused");
        let remedy = "write an address such as `http://127.0.0.1:9464`";
        assert_eq!(refused("a:b"), format!("cannot read a:b: it is no address (invalid port number); {remedy}"));
        assert_eq!(refused("ftp://ann:s3cret@a"), format!("cannot read ftp://***@a/: its scheme is `ftp`; {remedy}"));
    }

    #[test]
    fn loopback_has_several_names() {
        let is_same = |one: &str, other: &str| parse(one).is_same(&parse(other));
        assert!(is_same("a:9464", "http://a:9464/metrics"));
        assert!(is_same("http://localhost:9464", "http://127.0.0.1:9464"));
        assert!(is_same("http://[::1]:9464", "http://ann:s3cret@127.0.0.1:9464"));
        assert!(is_same("http://a", "http://a:80"));
        assert!(is_same("https://a:9464", "http://a:9464"));
        assert!(!is_same("https://a", "http://a"));
        assert!(!is_same("http://a/b", "http://a/c"));
        assert!(!is_same("http://a?b=c", "http://a?b=d"));
        assert!(!is_same("http://127.0.0.1:9464", "http://127.0.0.1:9465"));
    }

    #[test]
    fn a_scrape_reads_the_page_of_the_metrics() {
        assert!(parse("localhost:9464").is_scraped_at("https://127.0.0.1:9464/metrics"));
        assert!(parse("a/tta").is_scraped_at("http://a:80/tta/metrics?b=c"));
        assert!(!parse("a:9464").is_scraped_at("http://a:9464/"));
    }
}
