//! Admits or refuses a request, by its host, path, method and bearer token.

use std::hint::black_box;
use std::io;
use std::net::IpAddr;

use http::header::{AUTHORIZATION, HOST};
use http::request::Parts;
use http::{HeaderMap, Method};

use super::host::{Host, Hosts};

/// A page of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Metrics,
    Status,
    Health,
    Readiness,
    /// The live page, without data.
    Shell,
    /// The data of the live page.
    Data,
}

/// The reason for which a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NoHost,
    ForeignHost,
    UnknownPath,
    Method,
    NoToken,
    WrongToken,
}

/// The path that the data of the live page is below.
pub(super) const DATA: &str = "/api/v1/";

/// The paths that a server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paths {
    Metrics,
    WithLivePage,
}

/// Admits requests to allowed hosts, and requests for `/metrics`, `/status` and the data of the live page only with the bearer
/// token, if there is one.
pub(super) struct Guard {
    paths: Paths,
    hosts: Hosts,
    token: Option<String>,
}

impl Guard {
    /// Creates a guard for `hosts` and an optional bearer token.
    ///
    /// # Errors
    ///
    /// Returns an error if the token is empty, because any client could present it.
    pub(super) fn new(hosts: Hosts, token: Option<String>, paths: Paths) -> io::Result<Self> {
        if token.as_deref().is_some_and(|token| token.trim().is_empty()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the bearer token for the metrics is empty"));
        }
        Ok(Self { paths, hosts, token })
    }

    /// Returns the page requested on a connection that the server accepted at its address `local`.
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`], in the order host, path, method, token.
    pub(super) fn admit(&self, request: &Parts, local: IpAddr) -> Result<Page, Refusal> {
        self.check_host(request, local)?;
        let page = match request.uri.path() {
            "/metrics" => Page::Metrics,
            "/status" => Page::Status,
            "/healthz" => Page::Health,
            "/readyz" => Page::Readiness,
            path if self.paths == Paths::WithLivePage => live_page(path)?,
            _ => return Err(Refusal::UnknownPath),
        };
        check_method(&request.method)?;
        // The other pages contain no secret, and probes can rarely present a token.
        match &self.token {
            Some(token) if matches!(page, Page::Metrics | Page::Status | Page::Data) => {
                check_token(&request.headers, token)?;
            }
            _ => {}
        }
        Ok(page)
    }

    fn check_host(&self, request: &Parts, local: IpAddr) -> Result<(), Refusal> {
        let mut headers = request.headers.get_all(HOST).into_iter();
        let (Some(header), None) = (headers.next(), headers.next()) else { return Err(Refusal::NoHost) };
        let header = header.to_str().map_err(|_| Refusal::NoHost)?;
        // A request for `http://host/path` names a host in its target and in `Host`, and both must be ours.
        let target = request.uri.authority().map(http::uri::Authority::as_str);
        for text in [header].into_iter().chain(target) {
            let host = Host::parse(text).ok_or(Refusal::NoHost)?;
            if !self.hosts.contain(&host, local) {
                return Err(Refusal::ForeignHost);
            }
        }
        Ok(())
    }
}

/// Returns the part of the live page at a path.
fn live_page(path: &str) -> Result<Page, Refusal> {
    match path {
        "/" => Ok(Page::Shell),
        _ if path.starts_with(DATA) => Ok(Page::Data),
        _ => Err(Refusal::UnknownPath),
    }
}

/// Admits a request to read.
pub(super) fn check_method(method: &Method) -> Result<(), Refusal> {
    if matches!(*method, Method::GET | Method::HEAD) { Ok(()) } else { Err(Refusal::Method) }
}

/// Admits a request with the bearer token.
pub(super) fn check_token(headers: &HeaderMap, token: &str) -> Result<(), Refusal> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or(Refusal::NoToken)?;
    let (scheme, presented) = value.split_once(' ').ok_or(Refusal::NoToken)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::NoToken);
    }
    if is_same(presented.trim().as_bytes(), token.trim().as_bytes()) { Ok(()) } else { Err(Refusal::WrongToken) }
}

/// Returns whether both tokens are equal, by a constant-time comparison.
///
/// The comparison does not stop at the first difference, so its duration does not reveal how many bytes match.
fn is_same(presented: &[u8], token: &[u8]) -> bool {
    let difference = presented.iter().zip(token).fold(0, |difference, (a, b)| black_box(difference | (a ^ b)));
    difference == 0 && presented.len() == token.len()
}

#[cfg(test)]
mod tests {
    use super::{Guard, Hosts, Page, Paths, Refusal};
    use http::Request;

    /// Checks a request to a server bound to 127.0.0.1. Each of `headers` is a line such as `host: localhost`.
    fn check(token: Option<&str>, method: &str, uri: &str, headers: &[&str]) -> Result<Page, Refusal> {
        let local = [127, 0, 0, 1].into();
        let hosts = Hosts::new(local, &[]).expect("the list is empty");
        let guard = Guard::new(hosts, token.map(str::to_owned), Paths::Metrics).expect("the token is not empty");
        let mut request = Request::builder().method(method).uri(uri);
        for header in headers {
            let (name, value) = header.split_once(": ").expect("a name and a value");
            request = request.header(name, value);
        }
        guard.admit(&request.body(()).expect("a request").into_parts().0, local)
    }

    const HOST: &str = "host: localhost:9464";

    #[test]
    fn the_three_paths_are_served_to_get_and_head() {
        assert_eq!(check(None, "GET", "/metrics", &[HOST]), Ok(Page::Metrics));
        assert_eq!(check(None, "HEAD", "/metrics?a=b", &[HOST]), Ok(Page::Metrics));
        assert_eq!(check(None, "GET", "/healthz", &[HOST]), Ok(Page::Health));
        assert_eq!(check(None, "GET", "/readyz", &[HOST]), Ok(Page::Readiness));
    }

    #[test]
    fn other_paths_are_unknown_whatever_the_method() {
        for path in ["/", "/metrics/", "/Metrics", "//metrics", "/metrics/../metrics", "*"] {
            assert_eq!(check(None, "GET", path, &[HOST]), Err(Refusal::UnknownPath), "{path}");
        }
        assert_eq!(check(None, "POST", "/", &[HOST]), Err(Refusal::UnknownPath));
    }

    #[test]
    fn other_methods_are_refused() {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"] {
            assert_eq!(check(None, method, "/metrics", &[HOST]), Err(Refusal::Method), "{method}");
        }
    }

    #[test]
    fn a_request_names_exactly_one_host_and_it_is_ours() {
        assert_eq!(check(None, "GET", "/healthz", &[]), Err(Refusal::NoHost));
        assert_eq!(check(None, "GET", "/healthz", &[HOST, HOST]), Err(Refusal::NoHost));
        assert_eq!(check(None, "GET", "/healthz", &["host: "]), Err(Refusal::NoHost));
        assert_eq!(check(None, "GET", "/healthz", &["host: a.example"]), Err(Refusal::ForeignHost));
    }

    #[test]
    fn a_host_in_the_target_must_be_ours_as_well() {
        assert_eq!(check(None, "GET", "http://localhost/healthz", &[HOST]), Ok(Page::Health));
        assert_eq!(check(None, "GET", "http://a.example/healthz", &[HOST]), Err(Refusal::ForeignHost));
        assert_eq!(check(None, "GET", "http://localhost/healthz", &["host: a.example"]), Err(Refusal::ForeignHost));
    }

    #[test]
    fn metrics_need_the_token_and_probes_do_not() {
        let ask = |authorization: &str| check(Some("s3cret"), "GET", "/metrics", &[HOST, authorization]);
        assert_eq!(ask("authorization: Bearer s3cret"), Ok(Page::Metrics));
        assert_eq!(ask("authorization: bearer  s3cret"), Ok(Page::Metrics));
        for wrong in ["s3cre", "s3cret2", "S3cret", ""] {
            assert_eq!(ask(&format!("authorization: Bearer {wrong}")), Err(Refusal::WrongToken), "{wrong}");
        }
        assert_eq!(ask("authorization: Basic s3cret"), Err(Refusal::NoToken));
        assert_eq!(check(Some("s3cret"), "GET", "/metrics", &[HOST]), Err(Refusal::NoToken));
        assert_eq!(check(Some("s3cret"), "GET", "/readyz", &[HOST]), Ok(Page::Readiness));
    }

    #[test]
    fn an_empty_token_is_an_error() {
        let hosts = || Hosts::new([127, 0, 0, 1].into(), &[]).expect("the list is empty");
        assert!(Guard::new(hosts(), Some(" ".to_owned()), Paths::Metrics).is_err());
        assert!(Guard::new(hosts(), None, Paths::Metrics).is_ok());
    }
}
